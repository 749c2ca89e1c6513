from colorizer.http.static_files import condensed, condensed_style, hash_folder


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


def test_comments_leave_empty_lines_and_indents_go():
    code = b"""/** What
 * it does. */
const a = 1; // kept

\t// why
\tconst url = "http://b"; /* kept */
/* one */
"""
    assert condensed(code).splitlines() == [
        *(b"", b"", b"const a = 1; // kept", b"", b"", b'const url = "http://b"; /* kept */', b""),
    ]


def test_styles_lose_the_spaces_that_say_nothing():
    code = b'/* why */\na b, c:is(d, e) { font: 1rem / 1.2 "A B", serif; width: calc(1px + 2px); }\n'
    assert condensed_style(code) == b'\na b,c:is(d,e){font:1rem / 1.2 "A B",serif;width:calc(1px + 2px);}\n'
