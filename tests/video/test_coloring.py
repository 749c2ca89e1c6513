import random
import weakref
from fractions import Fraction

import av
import numpy as np
import pytest
from films import Clip, decoded, encrypted, packets, pan, sound_only, streamed, times, video_stream_bytes
from photos import WarmCool

from colorizer.color.plane_code import shown_grays
from colorizer.errors import BadField, Cancelled, NotAFilm, OutputError, UnsupportedFilm
from colorizer.video import coloring, frames
from colorizer.video.coloring import FilmColoring, FilmOptions, colorize_video
from colorizer.video.film import read_film
from colorizer.video.frames import Frame
from colorizer.video.pieces import Pieces
from colorizer.video.steady import REACH
from colorizer.video.timed_hints import parse_timed_hints


def color(source, target=None, **options):
    target = target or source.with_name(f"{source.stem}-colorized{source.suffix}")
    colorize_video(source, target, WarmCool(), FilmOptions(**options))
    return target


def chroma(path):
    """The mean distance of the film's chroma from neutral."""
    planes = np.stack(decoded(path, "yuv444p"))
    return float(np.abs(planes[:, 1:].astype(int) - 128).mean())


MS = Fraction(1, 1000)
KINDS = {
    "mp4": ("clip.mp4", Clip()),
    "mov": ("clip.mov", Clip()),
    "mkv": ("clip.mkv", Clip(time_base=Fraction(1, 1000), times=[40 * n for n in range(12)])),
    "10 bit": ("clip.mp4", Clip(format="yuv420p10le")),
    "full range": ("clip.mp4", Clip(format="yuvj420p", context={"color_range": 2})),
    "4:4:4": ("clip.mp4", Clip(format="yuv444p")),
    "odd": ("clip.mkv", Clip(95, 63, codec="ffv1", options={})),
    "gray": ("clip.mkv", Clip(codec="ffv1", format="gray", options={})),
    "gray, 10 bit": ("clip.mkv", Clip(codec="ffv1", format="gray10le", options={})),
    "rgb": ("clip.mkv", Clip(codec="ffv1", format="bgr0", options={})),
    "anamorphic": ("clip.mp4", Clip(context={"sample_aspect_ratio": Fraction(16, 11)})),
    "BT.709": ("clip.mp4", Clip(context={"colorspace": 1, "color_primaries": 1, "color_trc": 1})),
    "one frame": ("clip.mp4", Clip(frames=1)),
    "tiny": ("clip.mkv", Clip(2, 2, codec="ffv1", options={})),
    "wide": ("clip.mp4", Clip(640, 16)),
    "avi": ("clip.avi", Clip(codec="mpeg4", options={}, time_base=Fraction(1, 25), times=range(12))),
    "mpg": ("clip.mpg", Clip(codec="mpeg2video", options={}, time_base=Fraction(1, 25), times=range(12))),
    "wmv": ("clip.wmv", Clip(codec="wmv2", options={}, time_base=Fraction(1, 25), times=range(12))),
    "webm": ("clip.webm", Clip(codec="libvpx-vp9", options={}, time_base=MS, times=range(0, 480, 40))),
}


@pytest.mark.parametrize("kind", KINDS)
def test_a_film_of_any_kind_keeps_its_picture_and_its_times(kind, tmp_path):
    name, clip = KINDS[kind]
    source = clip.write(tmp_path / name)
    suffix = source.suffix if source.suffix in (".mp4", ".mov", ".mkv") else ".mp4"
    result = color(source, tmp_path / f"result{suffix}")
    before, after = read_film(source), read_film(result)
    for fact in ("width", "height", "pixel_aspect"):
        assert getattr(after, fact) == getattr(before, fact)
    shift = before.first_tick * before.time_base
    assert times(result) == [at - shift for at in times(source)]
    assert chroma(result) > 2
    assert (after.tags.range, after.tags.matrix) == (before.tags.range, before.tags.matrix)


def test_frame_times_are_kept_to_the_tick(tmp_path):
    ticks = np.cumsum(np.random.default_rng(0).integers(200, 9000, 40)).tolist()
    source = Clip(times=ticks, time_base=Fraction(1, 90_000)).write(tmp_path / "phone.mp4")
    found = times(color(source))
    assert found == times(source)
    assert np.diff(found).tolist() == [Fraction(way, 90_000) for way in np.diff(ticks).tolist()]


def test_a_webcam_clip_without_duration(tmp_path):
    ticks = [0, 33, 50, 117, 120, 210, 243, 400]
    options = {"deadline": "realtime", "cpu-used": "8"}
    clip = Clip(codec="libvpx-vp9", options=options, time_base=Fraction(1, 1000), times=ticks)
    source = streamed(clip.write(tmp_path / "whole.webm"), tmp_path / "clip.webm")
    assert read_film(source).duration is None
    assert times(color(source, tmp_path / "result.mp4")) == [Fraction(tick, 1000) for tick in ticks]


@pytest.mark.parametrize("turn", [90, 180, 270])
def test_the_turn_of_a_phone_is_kept_and_the_network_sees_frames_upright(turn, tmp_path):
    matrices = {
        90: (0, -65536, 0, 65536, 0, 0, 0, 0, 1 << 30),
        180: (-65536, 0, 0, 0, -65536, 0, 0, 0, 1 << 30),
        270: (0, 65536, 0, -65536, 0, 0, 0, 0, 1 << 30),
    }
    source = Clip(128, 32).write(tmp_path / "phone.mp4")
    data = bytearray(source.read_bytes())
    at = data.index(b"tkhd") + 44
    data[at : at + 36] = np.array(matrices[turn], ">i4").tobytes()
    source.write_bytes(data)
    assert read_film(source).turn == turn
    strategy = WarmCool()
    shown = []
    strategy.network_size = lambda width, height: (shown.append((width, height)), (128, 64))[1]
    colorize_video(source, tmp_path / "result.mp4", strategy)
    assert shown[0] == ((128, 32) if turn == 180 else (32, 128))
    assert read_film(tmp_path / "result.mp4").matrix == read_film(source).matrix


def test_sound_and_subtitles_are_copied_as_they_are(tmp_path):
    title = {"title": "A wedding"}
    clip = Clip(frames=50, audio=("aac", "libmp3lame"), subtitles=("subrip", "ass"), metadata=title)
    source = clip.write(tmp_path / "film.mkv")
    result = color(source)
    for kind in ("audio", "subtitle"):
        assert packets(result, kind) == packets(source, kind)
        assert packets(result, kind)
    with av.open(str(result)) as file:
        assert file.metadata["title"] == "A wedding"
        assert "simulated" in file.metadata["COMMENT"]


def test_a_player_can_begin_before_it_has_all_of_the_film(tmp_path):
    result = color(Clip().write(tmp_path / "film.mp4")).read_bytes()
    assert 0 < result.index(b"moov") < result.index(b"mdat")


def test_a_result_says_that_its_colors_are_simulated(tmp_path):
    result = color(Clip(metadata={"comment": "Aunt Anna's wedding"}).write(tmp_path / "film.mp4"))
    with av.open(str(result)) as file:
        assert file.metadata["comment"].startswith("Aunt Anna's wedding\nColors simulated")
    assert b"algorithmicallyEnhanced" in result.read_bytes()


def test_tracks_that_the_container_cannot_hold_are_named(tmp_path):
    source = Clip(frames=50, subtitles=("subrip",)).write(tmp_path / "film.mkv")
    result = colorize_video(source, tmp_path / "result.mp4", WarmCool())
    assert result.notes == [
        "A track (subtitle) is left out: a .mp4 file cannot hold it.",
        "An .mkv file, named with --output, holds more of the film's tracks.",
    ]


def test_a_track_that_makes_no_sense_is_named(tmp_path):
    source = Clip(frames=50, audio=("aac",)).write(tmp_path / "film.mkv")
    data = source.read_bytes()
    assert data.count(b"A_AAC") == 1
    source.write_bytes(data.replace(b"A_AAC", b"A_QQQ"))
    result = colorize_video(source, tmp_path / "result.mkv", WarmCool())
    assert result.damages == ["A track (audio) is left out: a .mkv file cannot hold it."] == result.notes


def test_chapters_are_kept(tmp_path):
    source = Clip(frames=50).write(tmp_path / "plain.mp4")
    chaptered = tmp_path / "film.mkv"
    with av.open(str(source)) as film, av.open(str(chaptered), "w") as file:
        stream = file.add_stream_from_template(film.streams.video[0])
        base = Fraction(1, 1000)
        ends = ((0, 1000, "Church"), (1000, 2000, "Dance"))
        file.set_chapters(
            [
                {"id": n, "start": start, "end": end, "time_base": base, "metadata": {"title": title}}
                for n, (start, end, title) in enumerate(ends)
            ]
        )
        for packet in film.demux(video=0):
            if packet.size:
                packet.stream = stream
                file.mux(packet)
    with av.open(str(color(chaptered))) as file:
        assert [chapter["metadata"]["title"] for chapter in file.chapters()] == ["Church", "Dance"]


def test_luma_is_kept_but_for_the_darkening(tmp_path):
    source = Clip(codec="ffv1", options={}).write(tmp_path / "film.mkv")
    plain = color(source, tmp_path / "gray.mkv", codec="ffv1", saturation=0)
    for before, after in zip(decoded(source, "yuv420p"), decoded(plain, "yuv420p"), strict=True):
        assert np.array_equal(before[:64], after[:64])
        assert (after[64:] == 128).all()


def test_lightness_is_kept(tmp_path):
    source = Clip(160, 120, codec="ffv1", options={}).write(tmp_path / "film.mkv")
    result = color(source, tmp_path / "color.mkv", codec="ffv1")
    code = read_film(source).tags.code
    from colorizer.color.lab import lightness_of

    for before, after in zip(decoded(source, "yuv420p"), decoded(result, "rgb24"), strict=True):
        gray = shown_grays(code)[before[:120]] / 255
        assert np.abs(lightness_of(after) - lightness_of(gray.astype(np.float32))).mean() < 1


def test_part_of_a_film(tmp_path):
    source = Clip(frames=50, audio=("aac",)).write(tmp_path / "film.mp4")
    result = color(source, start=0.4, end=1.2)
    assert times(result) == [Fraction(n, 25) for n in range(20)]
    assert 0.7 < float(packets(result, "audio")[-1][1]) < 0.9


def test_before_and_after_side_by_side(tmp_path):
    result = color(Clip().write(tmp_path / "film.mp4"), compare=True)
    frame = decoded(result, "yuv444p")[0]
    assert frame.shape == (3, 64, 192)
    assert np.abs(frame[1:, :, :90].astype(int) - 128).max() <= 3
    assert np.abs(frame[1:, :, 100:].astype(int) - 128).max() > 10


@pytest.mark.parametrize(
    ("codec", "suffix"), [("hevc", "mp4"), ("vp9", "webm"), ("av1", "mkv"), ("ffv1", "mkv")]
)
def test_every_codec(codec, suffix, tmp_path, capfd):
    result = color(Clip(128, 96).write(tmp_path / "film.mp4"), tmp_path / f"result.{suffix}", codec=codec)
    with av.open(str(result)) as file:
        assert file.streams.video[0].codec_context.codec.canonical_name == codec
    assert len(times(result)) == 12


@pytest.mark.parametrize(("codec", "size"), [("hevc", (96, 15)), ("av1", (640, 16))])
def test_a_film_too_small_for_the_codec(codec, size, tmp_path):
    source = Clip(*size, codec="ffv1", options={}).write(tmp_path / "film.mkv")
    with pytest.raises(BadField, match="a side"):
        color(source, tmp_path / "result.mkv", codec=codec)


def test_a_film_that_is_cut_off(tmp_path):
    source = Clip(frames=100, options={"crf": "1", "g": "10"}).write(tmp_path / "film.mkv")
    cut = tmp_path / "cut.mkv"
    cut.write_bytes(source.read_bytes()[: source.stat().st_size // 3])
    result = colorize_video(cut, tmp_path / "result.mkv", WarmCool())
    assert 5 < result.frames < 60
    assert any("cut off" in note for note in result.notes)


def test_a_broadcast_with_bits_lost(tmp_path):
    sound = Clip(frames=100, audio=("aac",), options={"g": "10"})
    data = bytearray(sound.write(tmp_path / "film.ts").read_bytes())
    chance = random.Random(3)
    for _ in range(300):
        data[chance.randrange(2000, len(data))] = chance.randrange(256)
    source = tmp_path / "lost.ts"
    source.write_bytes(data)
    result = colorize_video(source, tmp_path / "result.mp4", WarmCool())
    assert 80 < result.frames <= 100
    assert any("damaged" in note for note in result.notes)
    assert not any("cut off" in note for note in result.notes)
    assert 3 < max(times(result.path)) < 6
    assert packets(result.path, "audio")


@pytest.mark.parametrize("suffix", ["mpg", "ts"])
def test_joined_recordings_go_on_where_their_clock_is_set_anew(suffix, tmp_path):
    first, second = (
        Clip(codec="mpeg2video", options={}, audio=("mp2",), time_base=Fraction(1, 25), times=range(frames))
        .write(tmp_path / f"{frames}.{suffix}")
        .read_bytes()
        for frames in (100, 50)
    )
    source = tmp_path / f"joined.{suffix}"
    source.write_bytes(first + second)
    result = color(source, tmp_path / "result.mp4")
    assert np.allclose(np.diff(np.array(times(result), float)), 1 / 25, atol=1e-3)
    assert 5.8 < packets(result, "audio")[-1][1] < 6.2


def test_interlaced_frames_become_whole(tmp_path):
    options = {"flags": "+ildct+ilme", "x264-params": "interlaced=1:tff=1"}
    source = Clip(96, 64, options=options).write(tmp_path / "film.mp4")
    result = color(source)
    assert times(result) == times(source)
    with av.open(str(result)) as file:
        assert not next(file.decode(video=0)).interlaced_frame


def test_a_song_is_no_film(tmp_path):
    with pytest.raises(NotAFilm, match="only sound"):
        color(sound_only(tmp_path / "song.mp4"))


def test_an_encrypted_film_is_refused_in_words(tmp_path):
    with pytest.raises(UnsupportedFilm, match="encrypted"):
        color(encrypted(tmp_path / "film.mp4"))


def test_bytes_are_no_film(tmp_path):
    (tmp_path / "letter.mp4").write_bytes(b"Dear Anna, " * 500)
    with pytest.raises(NotAFilm, match="not a film"):
        color(tmp_path / "letter.mp4")
    with pytest.raises(NotAFilm, match="cannot be read"):
        color(tmp_path / "nothing.mp4")


def test_hdr_is_refused_in_words(tmp_path):
    context = {"colorspace": 9, "color_primaries": 9, "color_trc": 16}
    source = Clip(format="yuv420p10le", context=context).write(tmp_path / "film.mp4")
    with pytest.raises(UnsupportedFilm, match="HDR"):
        color(source)


@pytest.mark.parametrize(
    "options",
    [
        {"codec": "divx"},
        {"crf": 99},
        {"codec": "ffv1", "crf": 3},
        {"saturation": 3},
        {"warmth": 2},
        {"start": 2, "end": 1},
    ],
)
def test_options_that_make_no_sense(options, tmp_path):
    with pytest.raises(BadField):
        color(Clip().write(tmp_path / "film.mp4"), **options)


def test_a_container_that_cannot_hold_the_codec(tmp_path):
    source = Clip().write(tmp_path / "film.mp4")
    with pytest.raises(BadField, match="cannot hold"):
        color(source, tmp_path / "result.webm")
    with pytest.raises(BadField, match="becomes"):
        color(source, tmp_path / "result.gif")


def test_cancelled_work_goes_on_and_ends_in_the_same_frames(tmp_path, monkeypatch):
    monkeypatch.setattr(coloring, "PIECE_FRAMES", 20)
    source = Clip(frames=150).write(tmp_path / "film.mp4")
    whole = color(source, tmp_path / "whole.mp4")

    def stop(done, total):
        assert total == 150
        if done == 90:
            raise Cancelled("Enough.")

    target = tmp_path / "result.mp4"
    with pytest.raises(Cancelled):
        colorize_video(source, target, WarmCool(), progress=stop)
    assert not target.exists()
    seen = []
    colorize_video(source, target, WarmCool(), progress=lambda done, total: seen.append(done))
    assert seen[0] == 80
    assert video_stream_bytes(target) == video_stream_bytes(whole)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["film.mp4", "result.mp4", "whole.mp4"]


@pytest.mark.parametrize("hint", [[], [{"time": 8.0, "x": 40, "y": 30, "color": "#804020"}]])
def test_few_frames_wait_however_long_the_film_is(hint, tmp_path, monkeypatch):
    alive, most = [0], [0]

    def counted(*fields):
        frame = Frame(*fields)
        alive[0] += 1
        most[0] = max(most[0], alive[0])
        weakref.finalize(frame, lambda: alive.__setitem__(0, alive[0] - 1))
        return frame

    monkeypatch.setattr(frames, "Frame", counted)
    still = pan(96, 64, 1, top=40) * 300
    color(Clip(frames=300, pictures=still).write(tmp_path / "film.mp4"), hints=parse_timed_hints(hint))
    assert REACH < most[0] <= REACH + 24


def test_other_options_begin_anew(tmp_path, monkeypatch):
    monkeypatch.setattr(coloring, "PIECE_FRAMES", 20)
    source = Clip(frames=60).write(tmp_path / "film.mp4")

    def stop(done, total):
        if done == 50:
            raise Cancelled("Enough.")

    with pytest.raises(Cancelled):
        colorize_video(source, tmp_path / "result.mp4", WarmCool(), progress=stop)
    seen = []
    options = FilmOptions(saturation=0.5)
    colorize_video(
        source, tmp_path / "result.mp4", WarmCool(), options, lambda done, total: seen.append(done)
    )
    assert seen[0] == 0


def test_a_correction_colors_anew_only_the_pieces_that_it_reaches(tmp_path, monkeypatch):
    monkeypatch.setattr(coloring, "PIECE_FRAMES", 20)
    shots = pan(96, 64, 100) + [255 - picture for picture in pan(96, 64, 150, top=150)]
    source = Clip(frames=250, pictures=shots).write(tmp_path / "film.mp4")
    hints = parse_timed_hints([{"time": 5.0, "x": 40, "y": 30, "color": "#804020"}])
    pieces = Pieces(tmp_path / "pieces", "mp4")
    pieces.folder.mkdir()

    def run(target, hints, pieces):
        made = []
        options = FilmOptions(hints=hints)
        film = FilmColoring(read_film(source), tmp_path / target, WarmCool(), options)
        film.run(pieces, lambda done, total: None, lambda piece: made.append(int(piece.path.name[:5])))
        return made

    assert run("plain.mp4", (), pieces) == [*range(13)]
    made = run("corrected.mp4", hints, pieces)
    assert made == [*range(1, 12)]  # from 64 frames before the spot's shot until it has left the picture
    assert run("again.mp4", (), pieces) == []
    fresh = Pieces(tmp_path / "fresh", "mp4")
    fresh.folder.mkdir()
    run("whole.mp4", hints, fresh)
    assert video_stream_bytes(tmp_path / "corrected.mp4") == video_stream_bytes(tmp_path / "whole.mp4")
    assert video_stream_bytes(tmp_path / "again.mp4") == video_stream_bytes(tmp_path / "plain.mp4")
    assert video_stream_bytes(tmp_path / "again.mp4") != video_stream_bytes(tmp_path / "whole.mp4")


def test_warmth_makes_a_film_warmer(tmp_path):
    source = Clip().write(tmp_path / "film.mp4")
    blue = [
        decoded(color(source, tmp_path / f"{warmth}.mp4", warmth=warmth), "yuv444p")[5][1].mean()
        for warmth in (-1, 0, 1)
    ]
    assert blue == sorted(blue, reverse=True)
    assert blue[0] - blue[2] > 5


def test_two_runs_at_one_result(tmp_path):
    source = Clip(frames=30).write(tmp_path / "film.mp4")
    target = tmp_path / "result.mp4"

    def second(done, total):
        if done == 10:
            with pytest.raises(OutputError, match="Another run"):
                colorize_video(source, target, WarmCool())

    colorize_video(source, target, WarmCool(), progress=second)
    assert len(times(target)) == 30
