from colorizer.http.static_files import condensed, hash_folder


def test_the_hash_changes_with_names_and_contents_only(tmp_path):
    (tmp_path / "a.js").write_text("1")
    first = hash_folder(tmp_path)
    assert hash_folder(tmp_path) == first
    (tmp_path / "a.js").write_text("2")
    second = hash_folder(tmp_path)
    (tmp_path / "a.js").rename(tmp_path / "b.js")
    assert len({first, second, hash_folder(tmp_path)}) == 3


def test_files_in_folders_count(tmp_path):
    empty = hash_folder(tmp_path)
    (tmp_path / "examples").mkdir()
    assert hash_folder(tmp_path) == empty
    (tmp_path / "examples" / "a.jpg").write_bytes(b"\xff")
    assert hash_folder(tmp_path) != empty


def test_scripts_are_sent_without_what_says_nothing_and_with_all_lines():
    code = b"""/** What
 * it does. */
const a = ({ b }) => [1, b - +b]; // why

\tconst url = "http://b, c /* d */ \\" = e"; /* f */
// g
\treturn `${a} = ${b ?? "c, d"} // e`;
"""
    assert condensed(code, ".js").splitlines() == [
        *(b"", b"", b"const a=({b})=>[1,b - +b];", b""),
        *(b'const url="http://b, c /* d */ \\" = e";', b"", b'return `${a} = ${b ?? "c, d"} // e`;'),
    ]


def test_so_are_styles():
    code = b'/* why */\na b, c:is(d, e) { font: 1rem / 1.2 "A, B", serif; width: calc(1px + 2px); }\n'
    assert (
        condensed(code, ".css") == b'\na b,c:is(d,e){font:1rem / 1.2 "A, B",serif;width:calc(1px + 2px);}\n'
    )
