"""XMP files beside results, for photo libraries: NAME.xmp says in their words what NAME.jpg is.

Every value is an element of one rdf:Description (ISO 16684-1 allows attributes too, which some libraries do
not read). No sidecar of somebody else's is replaced.
"""

from html import escape
from pathlib import Path

from colorizer.album.places import Place
from colorizer.album.result_format import is_result
from colorizer.errors import PhotoError
from colorizer.photo.metadata import NOTE
from colorizer.photo.record import Record
from colorizer.photo.xmp import SOURCE_TYPE

KEYWORD = "colorized"
SIDECAR = """<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/">
<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
<rdf:Description rdf:about=""
 xmlns:dc="http://purl.org/dc/elements/1.1/"
 xmlns:xmpMM="http://ns.adobe.com/xap/1.0/mm/"
 xmlns:Iptc4xmpExt="http://iptc.org/std/Iptc4xmpExt/2008-02-29/">
<dc:description><rdf:Alt><rdf:li xml:lang="x-default">{note}</rdf:li></rdf:Alt></dc:description>
<dc:subject><rdf:Bag><rdf:li>{keyword}</rdf:li></rdf:Bag></dc:subject>
<xmpMM:OriginalDocumentID>sha256:{source}</xmpMM:OriginalDocumentID>
<Iptc4xmpExt:DigitalSourceType>{source_type}</Iptc4xmpExt:DigitalSourceType>
</rdf:Description>
</rdf:RDF>
</x:xmpmeta>
<?xpacket end="w"?>
"""


def write_sidecar(place: Place, result: Path, record: Record) -> None:
    """Write the XMP file of a result where there is none, or an older one of ours; raises OutputError."""
    path, text = result.with_suffix(".xmp"), sidecar(record).encode()
    if place.stamp(path) is None or _may_replace(place, path, text):
        place.write(path, text)


def sidecar(record: Record) -> str:
    """Return the text of a result's XMP file."""
    return SIDECAR.format(
        note=escape(NOTE.format(strategy=record.strategy)),
        keyword=KEYWORD,
        source=record.source,
        source_type=SOURCE_TYPE.decode(),
    )


def _may_replace(place: Place, path: Path, text: bytes) -> bool:
    try:
        found = place.read(path)
    except PhotoError:  # it cannot be read
        return False
    return is_result(found) and found != text
