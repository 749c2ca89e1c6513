import cv2
import numpy as np
import pytest
from films import large_scene, pan

from colorizer.video.frames import Frame
from colorizer.video.motion import MotionFinder, no_motion
from colorizer.video.pieces import Moment
from colorizer.video.shots import find_shots
from colorizer.video.steady import REACH, steady_colors

GRID = (64, 32)
SHOWN = (256, 128)
FRAMES = 40


def frames_of(pictures):
    """Frames whose small picture is the picture itself."""
    for number, picture in enumerate(pictures):
        yield Frame(number, Moment(number, 0), picture, picture.astype(np.float32) * np.float32(100 / 255))


def scene_ab():
    """The true colours of the scene, larger than the frames that pan over it."""
    y, x = np.mgrid[0:320, 0:480].astype(np.float32)
    return np.dstack([30 * np.sin(x / 60), 30 * np.cos(y / 50 + x / 80)])


def true_ab(left, top=40):
    window = scene_ab()[top : top + SHOWN[1], left : left + SHOWN[0]]
    return cv2.resize(window, GRID, interpolation=cv2.INTER_AREA)


def flat(ab):
    """The same ab, or a and b, everywhere."""
    return np.full((*GRID[::-1], 2), ab, np.float32)


def colored(pictures, predict):
    """The steady ab of each frame, where `predict` says what the network says of a frame's number."""
    frames = list(frames_of(pictures))

    def predicted():
        for glimpse in find_shots(iter(frames), GRID):
            if glimpse.is_key:
                glimpse.ab = predict(glimpse.frame.number)
            yield glimpse

    found = list(steady_colors(predicted()))
    assert [frame.number for frame, _ in found] == list(range(len(frames)))
    return [ab for _, ab in found]


def test_true_colors_stay_true_through_a_pan():
    steady = colored(pan(*SHOWN, FRAMES, step=2, top=40), lambda number: true_ab(2 * number))
    for number, ab in enumerate(steady):
        inner = np.s_[2:-2, 2:-2]
        assert np.abs(ab - true_ab(2 * number))[inner].mean() < 0.5
        assert np.abs(ab - true_ab(2 * number))[inner].max() < 4


def test_colors_that_jump_from_key_to_key_become_steady():
    noise = np.random.default_rng(0).normal(0, 12, (FRAMES, 2)).astype(np.float32)
    steady = colored(pan(*SHOWN, FRAMES, step=2, top=40), lambda number: true_ab(2 * number) + noise[number])
    errors = np.array(
        [(ab - true_ab(2 * number))[2:-2, 2:-2].mean(axis=(0, 1)) for number, ab in enumerate(steady)]
    )
    jumps = np.abs(np.diff(errors, axis=0)).mean()
    assert jumps < 0.1 * np.abs(np.diff(noise, axis=0)).mean()


def test_colors_do_not_leak_into_the_next_shot():
    first = pan(*SHOWN, 20, top=40)
    second = [255 - picture[::-1] for picture in pan(*SHOWN, 20, top=120)]
    red, green = np.array([60, 40], np.float32), np.array([-50, 50], np.float32)
    steady = colored(first + second, lambda number: flat(red if number < 20 else green))
    assert np.abs(np.stack(steady[:20]) - red).max() < 1e-3
    assert np.abs(np.stack(steady[20:]) - green).max() < 1e-3


def test_a_flash_is_no_new_shot():
    pictures = pan(*SHOWN, FRAMES, top=40)
    for number in (18, 19):
        pictures[number] = cv2.add(pictures[number], 150)
    glimpses = list(find_shots(frames_of(pictures), GRID))
    assert [glimpse.frame.number for glimpse in glimpses if glimpse.to_last is None] == [0]
    steady = colored(pictures, lambda number: flat(90 if number in (18, 19) else 30))
    assert np.abs(np.stack(steady) - 30).max() < 1


def test_a_fade_keeps_the_colors_of_its_shot():
    light = np.linspace(1, 0.03, FRAMES)
    pictures = [
        cv2.convertScaleAbs(p, alpha=a) for p, a in zip(pan(*SHOWN, FRAMES, top=40), light, strict=True)
    ]
    assert sum(glimpse.to_last is None for glimpse in find_shots(frames_of(pictures), GRID)) == 1
    steady = colored(pictures, lambda number: flat(40 * light[number]))
    means = [float(ab.mean()) for ab in steady]
    assert means[-1] > 4 * 40 * light[-1]
    assert np.abs(np.diff(means)).max() < 2


@pytest.mark.parametrize("step", [0, 1, 3])
def test_the_motion_of_a_pan_is_found(step):
    first, second = (
        picture.astype(np.float32) * np.float32(100 / 255) for picture in pan(*SHOWN, 2, step, 40)
    )
    forth, back = MotionFinder(*GRID).between(first, second)
    moved = forth.place - no_motion(*GRID).place
    inner = np.s_[4:-4, 4:-4]
    assert np.abs(moved[..., 0][inner] + step / 4).max() < 0.15
    assert np.abs(moved[..., 1][inner]).max() < 0.15
    assert forth.trust[inner].min() > 0.8
    there_and_back = forth.then(back)
    assert np.abs(there_and_back.place - no_motion(*GRID).place)[inner].max() < 0.2


def test_what_leaves_the_picture_is_not_trusted():
    first, second = (frame.shown for frame in frames_of(pan(*SHOWN, 2, 20, 40)))
    forth, _ = MotionFinder(*GRID).between(first, second)
    assert forth.trust[:, :3].mean() < 0.3 < forth.trust[:, 8:].mean()


def test_far_frames_have_no_say():
    steady = colored([large_scene()[:128, :256]] * 140, flat)
    assert abs(float(steady[70].mean()) - 70) < 2
    assert float(steady[0].mean()) < REACH / 2
