"""The entries of the FAQ: each has a question and an answer in every language, and explains some problems."""

# Sections by the key of their heading; an entry by its codes, in the language files by the first of them.
SECTIONS = {
    "faq-photo": (("files",), ("size",), ("color-photo",), ("films",), ("privacy",)),
    "faq-colors": (("wrong-color",), ("confidence",), ("networks",), ("home",)),
    "faq-messages": (
        ("offline",),
        ("bad-reply",),
        ("busy", "not-ready"),
        ("too-many-requests",),
        ("too-slow",),
        ("not-a-photo", "unsupported-photo"),
        ("damaged-photo",),
        ("damaged-film", "not-a-film", "unsupported-film"),
        ("film-too-large", "film-too-long"),
        ("no-camera",),
        ("too-many-bytes", "too-many-pixels"),
        ("side-too-long",),
        ("no-photo", "several-photos", "malformed-request", "bad-field"),
        ("bad-hints",),
        ("bad-reference",),
        ("suggestions-unsupported", "unknown-strategy", "weights-not-installed"),
        (
            "weights-damaged",
            "download-failed",
            "device-unavailable",
            "bad-settings",
            "output-failed",
            "extra-missing",
        ),
        ("store-full", "store-unavailable", "no-such-image", "no-such-job", "unknown-token"),
        ("cancelled",),
        ("not-found", "method-not-allowed", "not-acceptable", "no-such-part"),
        ("internal-error",),
    ),
}


def sentences(faq: dict[str, list[str]]) -> dict[str, str]:
    """Return what each problem is called, by "faq-CODE": the question of its entry in a language's `faq`."""
    entries = (codes for section in SECTIONS.values() for codes in section)
    return {f"faq-{code}": faq[codes[0]][0] for codes in entries for code in codes}
