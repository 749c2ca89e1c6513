"""Jobs whose end is told: by webhook and by e-mail, to real servers, again and again where they fail."""

import io
import socket
from hashlib import sha256

import pytest
from offices import ANNA, Office
from receivers import mail_receiver, web_receiver
from serving import gray_photo
from standardwebhooks import Webhook

from colorizer.errors import NoticeNotSent
from colorizer.http.application import create_app
from colorizer.jobs.film_records import FilmRecords
from colorizer.jobs.mail import MailSender
from colorizer.jobs.notices import CALLBACK, EMAIL, EMAILS_AN_HOUR, GIVE_UP_SECONDS, Notices
from colorizer.jobs.records import JobRecords
from colorizer.jobs.states import DONE, FAILED
from colorizer.jobs.telling import Telling
from colorizer.jobs.webhook import WebhookSender
from colorizer.store.images import Owner

SECRET = "whsec_" + "c2VjcmV0" * 5
TOKEN = "anna's token"
ADDRESS = "anna@photos.example"


class Clock:
    """Seconds that a test can move."""

    def __init__(self):
        self.seconds = 1_000_000.0

    def __call__(self):
        return self.seconds


@pytest.fixture(scope="module")
def web():
    with web_receiver() as receiver:
        yield receiver


@pytest.fixture(scope="module")
def mail():
    with mail_receiver() as (receiver, url):
        receiver.url = url
        yield receiver


@pytest.fixture(scope="module")
def told(tmp_path_factory, web, mail):
    """An office that tells by webhook and e-mail."""
    environ = {
        "COLORIZER_TOKENS": f"anna:{sha256(TOKEN.encode()).hexdigest()}",
        "COLORIZER_WEBHOOK_SECRET": SECRET,
        "COLORIZER_WEBHOOK_ALLOW": "127.0.0.0/8",
        "COLORIZER_SMTP_URL": mail.url,
        "COLORIZER_MAIL_FROM": "colorizer@photos.example",
        "COLORIZER_BASE_URL": "https://photos.example",
    }
    office = Office(tmp_path_factory.mktemp("told"), None, **environ)
    yield office
    office.close()


@pytest.fixture(scope="module")
def app(told):
    return create_app(told.settings)


@pytest.fixture(autouse=True)
def quiet(web, mail):
    web.posts.clear()
    web.answers.clear()
    mail.messages.clear()


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def records(told, clock):
    seconds = 10 * GIVE_UP_SECONDS
    return JobRecords(told.store.engine, keep_seconds=seconds, submit=told.queue.submit, now=clock)


@pytest.fixture
def notices(told, clock):
    return Notices(told.store.engine, now=clock)


@pytest.fixture
def telling(told, records, notices):
    yield Telling(told.settings, records, notices)
    while notice := notices.claim():
        notices.settle(notice)


@pytest.fixture
def finished(records, notices, request):
    """Returns a function that notes a finished job with a notice."""
    ids = (sha256(f"{request.node.name}{number}".encode()).hexdigest()[:32] for number in range(100))

    def finish(kind, target, owner=ANNA):
        id = records.add(owner, next(ids), ["0" * 32], {}, None)
        notices.add(id, {kind: target})
        records.finish(id)
        return id

    return finish


def start(app, authorization=f"Bearer {TOKEN}", **fields):
    headers = {"Authorization": authorization} if authorization else {}
    data = {"image": (io.BytesIO(gray_photo()), "secret-name.jpg"), **fields}
    return app.test_client().post("/api/v1/jobs", data=data, headers=headers)


def test_a_finished_job_is_told_once_each_way_and_nothing_of_it_stays(told, app, web, mail):
    worker = told.hire()
    response = start(app, callback_url=web.url, notify_email=ADDRESS)
    assert response.status_code == 202
    told.wait(lambda: web.posts and mail.messages)
    ((headers, body),) = web.posts
    document = Webhook(SECRET).verify(body, headers)
    assert document["type"] == "job.finished"
    assert document["data"] == {"id": response.json["id"], "done": 1, "failed": 0, "of": 1}
    ((recipients, text),) = mail.messages
    assert recipients == [ADDRESS]
    assert "Subject: Your photos are ready: 1 of 1" in text
    assert f"https://photos.example{response.location}/result" in text
    assert "kept until 20" in text
    assert "secret-name" not in text + body.decode()

    told.wait(lambda: ADDRESS.encode() not in rows(told))
    assert web.url.encode() not in rows(told)
    worker.terminate()
    assert worker.wait(30) == 0
    log = (told.folder / "worker-0.log").read_text()
    assert not any(secret in log for secret in (ADDRESS, web.url, "secret-name"))


def rows(office) -> bytes:
    with office.store.engine.connect() as connection:
        return repr(connection.exec_driver_sql("SELECT * FROM colorizer_notices").all()).encode()


def test_what_fails_is_tried_again_after_growing_waits_across_restarts(told, web, clock, records, finished):
    web.answers[:] = [500, 302, 404]
    id = finished(CALLBACK, web.url)
    waits = []
    while len(web.posts) < 4:
        begun, telling = clock.seconds, Telling(told.settings, records, Notices(told.store.engine, now=clock))
        while not telling.tell_next():
            clock.seconds += 10
        waits.append(clock.seconds - begun)
    assert waits == [0, 30, 120, 480]
    assert {headers["webhook-id"] for headers, _ in web.posts} == {id}
    clock.seconds += GIVE_UP_SECONDS
    assert not telling.tell_next()


def test_what_never_arrives_is_given_up_after_a_day(web, clock, telling, finished):
    web.answers[:] = [500] * 100
    finished(CALLBACK, web.url)
    for _ in range(72):
        telling.tell_next()
        clock.seconds += 3600
    assert 6 < len(web.posts) < 16
    clock.seconds += GIVE_UP_SECONDS
    assert not telling.tell_next()


def test_two_that_look_at_once_get_a_notice_once(notices, telling, finished):
    finished(EMAIL, ADDRESS)
    assert notices.claim()
    assert notices.claim() is None


def test_a_job_that_is_not_finished_is_not_told(records, notices, telling):
    id = records.add(ANNA, "f" * 32, ["0" * 32], {}, None)
    notices.add(id, {EMAIL: ADDRESS})
    notices.add(id, {EMAIL: "ben@photos.example"})  # the same request again
    assert not telling.tell_next()
    records.finish(id)
    assert notices.claim().target == ADDRESS


def test_an_e_mail_says_what_came_of_a_film(told, mail, records, notices, telling):
    for state in (DONE, FAILED):
        id = records.add_film(ANNA, sha256(state.encode()).hexdigest()[:32], "0" * 32, {}, None)
        notices.add(id, {EMAIL: ADDRESS})
        FilmRecords(told.store.engine).settle(id, state, [])
        records.finish(id)
        assert telling.tell_next()
    done, failed = (text for _, text in mail.messages)
    assert "Subject: Your film is ready" in done
    assert "Subject: Your film could not be coloured" in failed


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1:{port}/",
        "https://127.0.0.1:{port}/",
        "https://localhost:{port}/",
        "https://2130706433:{port}/",
        "https://0x7f000001:{port}/",
        "https://[::ffff:127.0.0.1]:{port}/",
        "https://[64:ff9b::7f00:1]:{port}/",
        "https://169.254.169.254/latest/meta-data",
        "https://10.0.0.1/",
        "https://[fd00::1]/",
    ],
)
def test_no_private_address_is_called(web, url):
    with pytest.raises(NoticeNotSent, match="not one that we may call"):
        WebhookSender(SECRET, ()).send(url.format(port=web.server.server_port), "id", {})
    assert web.posts == []


def test_a_public_address_is_called_by_https_only():
    with pytest.raises(NoticeNotSent, match="not one that we may call"):
        WebhookSender(SECRET, ("127.0.0.0/8",)).send("http://192.0.2.1/", "id", {})


def test_a_public_address_may_be_called(monkeypatch):
    called = []

    def refuse(self, address):
        called.append(address[:2])
        raise ConnectionRefusedError

    monkeypatch.setattr(socket.socket, "connect", refuse)  # nothing leaves this machine
    with pytest.raises(NoticeNotSent, match="could not be reached"):
        WebhookSender(SECRET, ()).send("https://1.1.1.1/", "id", {})
    assert called == [("1.1.1.1", 443)]


def test_a_redirect_is_not_followed(web):
    web.answers[:] = [307]
    with pytest.raises(NoticeNotSent, match="answered 307"):
        WebhookSender(SECRET, ("127.0.0.0/8",)).send(web.url, "id", {})
    assert len(web.posts) == 1


def test_servers_that_are_not_there():
    with pytest.raises(NoticeNotSent, match="could not be reached"):
        WebhookSender(SECRET, ("127.0.0.0/8",)).send("http://127.0.0.1:9/", "id", {})
    with pytest.raises(NoticeNotSent, match="did not take it"):
        MailSender("smtp://127.0.0.1:9", "colorizer@photos.example").send(ADDRESS, "id", "subject", "text")


@pytest.mark.parametrize(
    "fields",
    [
        {"callback_url": "ftp://photos.example/"},
        {"callback_url": "https://"},
        {"callback_url": "https://photos.example:99999/"},
        {"callback_url": "https://anna:secret@photos.example/"},
        {"callback_url": "https://photos.example/a b"},
        {"callback_url": "https://photos.example/" + "a" * 2000},
        {"notify_email": "anna"},
        {"notify_email": "anna@photos.example, ben@photos.example"},
        {"notify_email": "anna@photos.example\r\nBcc: ben@photos.example"},
        {"notify_email": "Anna <anna@photos.example>"},
    ],
)
def test_fields_that_make_no_sense(app, fields):
    response = start(app, **fields)
    assert (response.status_code, response.json["code"]) == (422, "bad-field")
    assert response.json["detail"].startswith(f"{next(iter(fields))} must be ")


@pytest.mark.parametrize("fields", [{"callback_url": "https://photos.example/"}, {"notify_email": ADDRESS}])
def test_only_who_has_a_token_and_only_where_it_is_turned_on(told, app, tmp_path, fields):
    response = start(app, authorization=None, **fields)
    assert "for owners with a token" in response.json["detail"]
    assert offered(app) >= set(fields)
    silent = Office(tmp_path, None, COLORIZER_TOKENS=told.environ["COLORIZER_TOKENS"])
    quiet_app = create_app(silent.settings)
    assert "not offered here" in start(quiet_app, **fields).json["detail"]
    assert not offered(quiet_app) & set(fields)
    silent.close()


def offered(app):
    """Return the names that /api/v1/limits tells."""
    return set(app.test_client().get("/api/v1/limits").json["fields"])


def test_e_mails_are_rationed(notices, clock, telling, finished):
    ben = Owner("ben", 1)
    for _ in range(EMAILS_AN_HOUR):
        assert notices.may_ask_for_email(ben)
        finished(EMAIL, ADDRESS, ben)
    assert not notices.may_ask_for_email(ben)
    clock.seconds += 3601
    assert notices.may_ask_for_email(ben)
