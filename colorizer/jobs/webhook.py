"""A job's end is told to another service by a signed POST, as the Standard Webhooks convention has it.

https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
"""

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from AntiSSRF import AntiSSRFError, AntiSSRFPolicy, PolicyConfigOptions
from standardwebhooks import Webhook

from colorizer.errors import NoticeNotSent

SECONDS = 10.0  # to connect, and between two pieces of the answer's head; its body is not read


class WebhookSender:
    """Posts to addresses that clients name: public ones by https, and those that the operator allows."""

    def __init__(self, secret: str, allowed: Sequence[str]) -> None:
        """secret: whsec_ and base64; allowed: networks, as 10.0.0.0/8, that may be called, by http too."""
        self._webhook = Webhook(secret)
        self._sessions = {
            "https": _session(PolicyConfigOptions.EXTERNAL_ONLY_LATEST, allowed),
            "http": _session(PolicyConfigOptions.INTERNAL_ONLY, allowed),
        }

    def send(self, url: str, id: str, document: Mapping[str, Any]) -> None:
        """Post a document under an id, the same for each attempt; any answer of 2xx means that it arrived.

        Redirects are not followed: they could lead where we may not go. Raises NoticeNotSent.
        """
        body = json.dumps(document)
        try:
            answer = self._sessions[url.partition(":")[0]].post(
                url,
                data=body.encode(),
                headers=self._headers(id, body),
                timeout=SECONDS,
                allow_redirects=False,
                stream=True,
            )
        except AntiSSRFError as error:
            raise NoticeNotSent("its address is not one that we may call") from error
        except (OSError, ValueError) as error:
            raise NoticeNotSent(f"its address could not be reached ({type(error).__name__})") from error
        with answer:
            if not 200 <= answer.status_code < 300:
                raise NoticeNotSent(f"it was answered {answer.status_code}")

    def _headers(self, id: str, body: str) -> dict[str, str]:
        now = datetime.now(UTC)
        return {
            "Content-Type": "application/json",
            "webhook-id": id,
            "webhook-timestamp": str(int(now.timestamp())),
            "webhook-signature": self._webhook.sign(id, now, body),
        }


def _session(config: PolicyConfigOptions, allowed: Sequence[str]) -> Any:
    policy = AntiSSRFPolicy(config)
    policy.allow_plain_text_http = config is PolicyConfigOptions.INTERNAL_ONLY
    if allowed:
        policy.add_allowed_addresses(list(allowed))
    session = policy.get_antissrf_session()
    session.trust_env = False  # a proxy would look addresses up by itself, past the guard
    return session
