"""Images of several owners, on both databases; what a process that died leaves behind."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from colorizer.errors import NoSuchImage, StoreFull, StoreUnavailable
from colorizer.store.database import connect
from colorizer.store.images import UNFINISHED_SECONDS, ImageStore, Owner
from colorizer.store.objects import Objects

DAY = 86_400.0
ANNA, BEN = Owner("anna", 1_000_000), Owner("ben", 1_000_000)
FILES = {"original": b"gray", "result": b"coloured"}
FACTS = {"strategy": "colornet", "confidence": 0.5, "scene": None}


class Clock:
    """Seconds that a test can move."""

    def __init__(self):
        self.seconds = 1_000_000.0

    def __call__(self):
        return self.seconds


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "kept"


@pytest.fixture
def objects(folder):
    return Objects(f"file://{folder}")


@pytest.fixture
def store(objects, database_url, clock):
    engine = connect(database_url)
    yield ImageStore(objects, engine, keep_seconds=DAY, room=3_000_000, now=clock)
    engine.dispose()


def files_in(folder):
    return [path for path in folder.rglob("*") if path.is_file()]


def test_an_image_comes_back_as_it_was(store):
    image = store.add(ANNA, FILES, FACTS)
    assert store.find(ANNA, image.id) == image
    assert {name: store.read(file) for name, file in image.files.items()} == FILES
    assert image.facts == FACTS
    assert image.expires - image.created == DAY
    assert len(image.id) == 32


def test_a_part_of_a_file(store):
    image = store.add(ANNA, FILES, FACTS)
    assert store.read(image.files["result"], 2, 5) == b"lou"


def test_another_owner_sees_nothing(store):
    image = store.add(ANNA, FILES, FACTS)
    for call in (
        lambda: store.find(BEN, image.id),
        lambda: store.change(BEN, image, {"result": b"mine"}, FACTS),
        lambda: store.remove(BEN, image.id),
    ):
        with pytest.raises(NoSuchImage):
            call()
    assert store.page(BEN, 10) == []
    store.remove(BEN)
    assert store.find(ANNA, image.id) == image
    assert store.read(image.files["result"]) == b"coloured"


def test_pages_newest_first(store, clock):
    added = []
    for _ in range(7):
        added.insert(0, store.add(ANNA, FILES, FACTS))
        clock.seconds += len(added) % 2  # some in the same moment
    found = store.page(ANNA, 3)
    while more := store.page(ANNA, 3, after=found[-1].place):
        found += more
    assert sorted(found, key=lambda image: image.id) == sorted(added, key=lambda image: image.id)
    assert [image.created for image in found] == sorted((image.created for image in added), reverse=True)


def test_a_changed_result_replaces_the_old_one(store, folder):
    image = store.add(ANNA, FILES, FACTS)
    changed = store.change(ANNA, image, {"result": b"redder"}, {"strategy": "other"})
    found = store.find(ANNA, image.id)
    assert found == changed
    assert [store.read(found.files[name]) for name in ("original", "result")] == [b"gray", b"redder"]
    assert len(files_in(folder)) == 2


def test_what_two_change_at_once_is_all_there(store, folder):
    image = store.add(ANNA, FILES, FACTS)
    store.change(ANNA, image, {"frames": b"f"}, FACTS)
    changed = store.change(ANNA, image, {"piece": b"p"}, FACTS, without=["result"])
    assert sorted(changed.files) == ["frames", "original", "piece"]
    assert len(files_in(folder)) == 3


def test_a_change_that_comes_too_late_leaves_nothing(store, folder):
    image = store.add(ANNA, FILES, FACTS)
    store.remove(ANNA, image.id)
    with pytest.raises(NoSuchImage):
        store.change(ANNA, image, {"result": b"late"}, FACTS)
    assert files_in(folder) == []


def test_a_file_that_arrives_in_pieces(store, folder):
    arrival = store.begin(ANNA, "original", 1000, {"kind": "film"})
    for piece in (b"mov", b"ing"):
        arrival.writer.write(piece)
    image = store.finish(arrival)
    assert store.find(ANNA, image.id, "film") == image
    assert (image.files["original"].size, store.read(image.files["original"])) == (6, b"moving")
    store.add(
        Owner("anna", 10 + len(b"moving") + 4), {"original": bytes(14)}, FACTS
    )  # the rest is free again


def test_what_is_given_up_while_it_arrives_takes_no_room(store, folder):
    owner = Owner("anna", 100)
    arrival = store.begin(owner, "original", 90, {})
    arrival.writer.write(b"half")
    with pytest.raises(StoreFull):
        store.begin(owner, "original", 20, {})
    store.give_up(arrival)
    assert files_in(folder) == []
    store.begin(owner, "original", 20, {})


def test_what_is_no_photo_is_not_among_the_images(store):
    film = store.add(ANNA, FILES, {**FACTS, "kind": "film"})
    assert store.page(ANNA, 10) == []
    with pytest.raises(NoSuchImage):
        store.find(ANNA, film.id)
    store.remove(ANNA)
    with pytest.raises(NoSuchImage):
        store.find(ANNA, film.id, "film")


def test_who_reads_an_old_result_is_told_that_it_went(store):
    image = store.add(ANNA, FILES, FACTS)
    store.change(ANNA, image, {"result": b"redder"}, FACTS)
    with pytest.raises(NoSuchImage):
        store.read(image.files["result"])


def test_a_deleted_image_is_gone_at_once(store, folder):
    image = store.add(ANNA, FILES, FACTS)
    store.remove(ANNA, image.id)
    with pytest.raises(NoSuchImage):
        store.find(ANNA, image.id)
    assert files_in(folder) == []


def test_what_is_deleted_while_it_arrives_leaves_nothing(store, folder):
    arrival = store.begin(ANNA, "original", 1000, {"kind": "film"})
    store.remove(ANNA)
    arrival.writer.write(b"moving")
    with pytest.raises(NoSuchImage):
        store.finish(arrival)
    assert files_in(folder) == []


def test_what_arrives_in_the_middle_of_its_deletion_is_not_shown(store, objects, folder, monkeypatch):
    def die(prefix):
        raise KeyboardInterrupt

    arrival = store.begin(ANNA, "original", 1000, {"kind": "film"})
    monkeypatch.setattr(objects, "clear", die)
    with pytest.raises(KeyboardInterrupt):
        store.remove(ANNA)
    monkeypatch.undo()
    arrival.writer.write(b"moving")
    with pytest.raises(NoSuchImage):
        store.finish(arrival)
    with pytest.raises(NoSuchImage):
        store.find(ANNA, arrival.image.id, "film")
    assert files_in(folder) == []


def test_what_is_deleted_while_it_is_added_leaves_nothing(store, objects, folder, monkeypatch):
    def put_late(key, data):
        store.remove(ANNA)
        put(key, data)

    put = objects.put
    monkeypatch.setattr(objects, "put", put_late)
    with pytest.raises(NoSuchImage):
        store.add(ANNA, FILES, FACTS)
    assert files_in(folder) == []


def test_all_of_an_owner_go_and_nobody_elses(store):
    others = store.add(BEN, FILES, FACTS)
    for _ in range(3):
        store.add(ANNA, FILES, FACTS)
    store.remove(ANNA)
    assert store.page(ANNA, 10) == []
    assert store.page(BEN, 10) == [others]


def test_an_expired_image_is_not_shown_and_then_swept(store, clock, folder):
    old = store.add(ANNA, FILES, FACTS)
    clock.seconds += DAY / 2
    young = store.add(ANNA, FILES, FACTS)
    clock.seconds += DAY / 2 + 1
    assert store.page(ANNA, 10) == [young]
    store.sweep()
    assert len(files_in(folder)) == 2
    with pytest.raises(NoSuchImage):
        store.read(old.files["result"])


@pytest.mark.parametrize(
    ("owner", "whose"), [(Owner("anna", 20), "Your images"), (Owner("anna", 10**9), "The images")]
)
def test_a_quota_is_kept_and_said(store, owner, whose):
    files = {"original": bytes(15 if owner.quota == 20 else 2_000_000)}
    kept = store.add(owner, files, FACTS)
    with pytest.raises(StoreFull, match=f"{whose} .* MB more. Delete some"):
        store.add(owner, files, FACTS)
    store.remove(owner, kept.id)
    store.add(owner, files, FACTS)


def test_a_smaller_result_fits_even_where_there_is_no_room(store):
    owner = Owner("anna", 12)
    image = store.add(owner, FILES, FACTS)
    store.change(owner, image, {"result": b"c"}, FACTS)
    with pytest.raises(StoreFull):
        store.change(owner, store.find(owner, image.id), {"result": bytes(100)}, FACTS)
    assert store.read(store.find(owner, image.id).files["result"]) == b"c"


def test_a_quota_holds_against_many_at_once(store):
    owner = Owner("anna", 100)

    def add(_):
        try:
            return store.add(owner, {"original": bytes(10)}, FACTS)
        except StoreFull:
            return None

    with ThreadPoolExecutor(8) as pool:
        added = list(pool.map(add, range(40)))
    assert sum(image is not None for image in added) == 10


def test_a_process_that_died_while_adding_leaves_nothing(store, objects, clock, folder, monkeypatch):
    def die(key, data):
        put(key, data)
        raise KeyboardInterrupt

    put = objects.put
    monkeypatch.setattr(objects, "put", die)
    with pytest.raises(KeyboardInterrupt):
        store.add(ANNA, FILES, FACTS)
    monkeypatch.undo()
    assert store.page(ANNA, 10) == []
    store.sweep()
    assert len(files_in(folder)) == 1  # it may still be at work
    clock.seconds += UNFINISHED_SECONDS + 1
    store.sweep()
    assert files_in(folder) == []
    store.add(Owner("anna", 12), FILES, FACTS)  # nor does it take room


def test_a_process_that_died_while_deleting_is_finished_by_the_next(store, objects, folder, monkeypatch):
    image = store.add(ANNA, FILES, FACTS)

    def die(key):
        raise KeyboardInterrupt

    monkeypatch.setattr(objects, "delete", die)
    with pytest.raises(KeyboardInterrupt):
        store.remove(ANNA, image.id)
    monkeypatch.undo()
    with pytest.raises(NoSuchImage):
        store.find(ANNA, image.id)
    store.sweep()
    assert files_in(folder) == []


def test_a_database_that_cannot_be_opened(objects, tmp_path):
    with pytest.raises(StoreUnavailable, match="database does not answer") as failure:
        ImageStore(objects, connect(f"sqlite:///{tmp_path}/missing/a.sqlite"), keep_seconds=DAY, room=1)
    assert str(tmp_path) not in str(failure.value)
