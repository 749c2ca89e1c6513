"""A job's end is told to its owner by one plain-text e-mail."""

import smtplib
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from email.message import EmailMessage
from email.utils import formatdate
from urllib.parse import unquote, urlsplit

from colorizer.errors import NoticeNotSent

SECONDS = 20.0  # for each answer of the mail server
PORTS = {"smtp": 587, "smtps": 465}


class MailSender:
    """Hands messages to the operator's mail server."""

    def __init__(self, url: str, sender: str) -> None:
        """url: smtp:// (with STARTTLS where it is offered) or smtps://user:password@host:port."""
        self._url, self._sender = urlsplit(url), sender

    def send(self, to: str, id: str, subject: str, text: str) -> None:
        """Send one message under an id, the same for each attempt. Raises NoticeNotSent."""
        message = EmailMessage()
        message["From"], message["To"], message["Subject"] = self._sender, to, subject
        message["Date"] = formatdate()
        message["Message-ID"] = f"<{id}@{self._sender.rpartition('@')[2]}>"
        message["Auto-Submitted"] = "auto-generated"  # RFC 3834: let no holiday notice answer it
        message.set_content(text)
        try:
            with self._connected() as server:
                server.send_message(message)
        except (OSError, smtplib.SMTPException, ValueError) as error:
            raise NoticeNotSent(f"the mail server did not take it ({type(error).__name__})") from error

    @contextmanager
    def _connected(self) -> Iterator[smtplib.SMTP]:
        secure, context = self._url.scheme == "smtps", ssl.create_default_context()
        place = self._url.hostname or "", self._url.port or PORTS[self._url.scheme]
        with (
            smtplib.SMTP_SSL(*place, timeout=SECONDS, context=context)
            if secure
            else smtplib.SMTP(*place, timeout=SECONDS)
        ) as server:
            server.ehlo()
            if not secure and server.has_extn("starttls"):
                server.starttls(context=context)
            if self._url.username:
                server.login(unquote(self._url.username), unquote(self._url.password or ""))
            yield server
