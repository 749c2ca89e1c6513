"""XMP packets (ISO 16684-1): what of a photo's packet is still true of its coloured result, and what is new.

New is IPTC's digital source type: the standard's way to say that a trained network had its part in a picture
(https://cv.iptc.org/newscodes/digitalsourcetype/).
"""

import re

ORIENTATION = re.compile(rb'(tiff:Orientation(?:\s*=\s*["\']|>\s*))([2-8])')
END = re.compile(rb"</(\w+):RDF>")
ABOUT = re.compile(rb'\w+:about\s*=\s*["\']([^"\'<]*)["\']')
SOURCE_TYPE = b"http://cv.iptc.org/newscodes/digitalsourcetype/compositeWithTrainedAlgorithmicMedia"
SOURCE_TYPE_SPACE = b"http://iptc.org/std/Iptc4xmpExt/2008-02-29/"
# Thumbnails are gray, the colour mode was another, and a gain map does not come along.
STALE = (
    *(b"xmp:Thumbnails", b"photoshop:ColorMode", b"Container:Directory", b"GContainer:Directory"),
    *(b"hdrgm:Version", b"Iptc4xmpExt:DigitalSourceType"),
)
STALE_ATTRIBUTES = re.compile(
    rb"""\s(?:photoshop:ColorMode|hdrgm:\w+|Iptc4xmpExt:DigitalSourceType)\s*=\s*(?:"[^"]*"|'[^']*')"""
)
EMPTY = (
    b'<?xpacket begin="\xef\xbb\xbf" id="W5M0MpCehiHzreSzNTczkc9d"?>\n<x:xmpmeta xmlns:x="adobe:ns:meta/">'
    b'<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">\n</rdf:RDF></x:xmpmeta>\n'
    b'<?xpacket end="w"?>'
)


def orientation_of(xmp: bytes) -> int | None:
    """Return the orientation, 2 to 8, that a packet says; None where it says none, or 1."""
    found = ORIENTATION.search(xmp)
    return int(found[2]) if found else None


def result_xmp(xmp: bytes | None) -> bytes:
    """Return the packet of a coloured, upright result: the photo's without what no longer holds, and marked.

    A packet that is broken is kept as it is; where there is none, one is made.
    """
    packet = ORIENTATION.sub(rb"\g<1>1", xmp or EMPTY)
    packet = STALE_ATTRIBUTES.sub(b"", packet)
    for name in STALE:
        packet = _without_elements(packet, name)
    end = END.search(packet)
    if not end:
        return packet
    about = ABOUT.search(packet)  # must be the same in all of a packet
    mark = b'<%s:Description %s:about="%s" xmlns:Iptc4xmpExt="%s" Iptc4xmpExt:DigitalSourceType="%s"/>\n' % (
        *(end[1], end[1], about[1] if about else b"", SOURCE_TYPE_SPACE),
        SOURCE_TYPE,
    )
    return packet[: end.start()] + mark + packet[end.start() :]


def _without_elements(packet: bytes, name: bytes) -> bytes:
    """Remove all elements of this name; one that does not end stays."""
    parts, at, end = [], 0, b"</" + name + b">"
    while (start := packet.find(b"<" + name, at)) >= 0:
        tag = packet.find(b">", start)
        stop = tag + 1 if packet[tag - 1 : tag] == b"/" else packet.find(end, start) + len(end)
        if stop <= start:
            break
        parts.append(packet[at:start])
        at = stop
    return b"".join([*parts, packet[at:]])
