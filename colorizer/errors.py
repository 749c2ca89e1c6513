"""Everything that can go wrong, as one tree.

ColorizerError
├── PhotoError                the bytes or pixels that we were given
│   ├── NotAPhoto             415  not an image of an accepted kind
│   ├── UnsupportedPhoto      415  whole, but of a kind that we cannot read
│   ├── DamagedPhoto          422  truncated or broken inside
│   ├── TooManyBytes          413
│   ├── TooManyPixels         422
│   └── SideTooLong           422  the output format cannot hold a side of this length
├── FilmError                 the film that we were given
│   ├── NotAFilm              415  no moving picture that we can open
│   ├── DamagedFilm           422  nothing in it can be decoded
│   ├── FilmTooLarge          413  (over HTTP only, as the next)
│   ├── FilmTooLong           422
│   └── UnsupportedFilm       422  encrypted, HDR and the like
├── OptionError               what the caller asked for
│   ├── BadField              422  an unknown field or a value out of range
│   ├── BadHints              422
│   ├── BadReference          422  unreadable, too large, or not in colour
│   ├── SuggestionsUnsupported 422 the strategy has no colour distribution
│   └── UnknownStrategy       422
├── WeightsError              the networks' files
│   ├── WeightsNotInstalled   422
│   ├── WeightsDamaged        500
│   └── DownloadFailed        502  (command line only)
├── OutputError               500  a result could not be written (command line only)
│   └── DiskFull              500  nor can any other be
├── NoticeNotSent             500  whoever is to be told of a job's end could not be (worker only)
├── StoreError                the kept pictures (where COLORIZER_STORE_URL is set)
│   ├── StoreUnavailable      503  folder, bucket or database do not answer; with Retry-After
│   │   └── StoreGone         503  nor after all waits: nothing else will be answered either
│   ├── StoreFull             507  a quota is used up
│   ├── NoSuchJob             404  as NoSuchImage
│   └── NoSuchImage           404  never was, expired, deleted, or another owner's
├── ChildDied                 500  a process that works for us ended before it answered
├── ClusterError              500  scheduler or workers are not there, or are not as ours (command line only)
├── Cancelled                 500  whoever asked for the work wants it no more (never over HTTP)
├── ExtraMissing              500  a package of an optional part is not installed
├── DeviceUnavailable         500
├── SettingsError             500  every problem of the environment at once
└── RequestError              what only an HTTP request can do wrong
    ├── NoPhoto               400
    ├── SeveralPhotos         400
    ├── MalformedRequest      400
    ├── TooSlow               408
    ├── NotAcceptable         406
    ├── UnknownToken          401
    ├── TooManyRequests       429  with Retry-After (where COLORIZER_RATE_LIMIT is set)
    ├── Busy                  503  with Retry-After
    └── NotReady              503  with Retry-After

Each class carries the HTTP ``status``, the ``code`` (the slug of its FAQ entry and of the problem's
``type``), a ``title`` for people, and the command line's ``exit_status``. The message says what was
found, what was expected and what to do; it is safe to show to anyone.
"""


class ColorizerError(Exception):
    """Base of all errors of Image Colorizer."""

    status = 500
    code = "internal-error"
    title = "Something went wrong on our side"
    exit_status = 1


class PhotoError(ColorizerError):
    """The photo cannot be coloured."""

    status = 422
    code = "damaged-photo"
    title = "The photo cannot be read"


class NotAPhoto(PhotoError):
    """The bytes are not an image of an accepted kind."""

    status = 415
    code = "not-a-photo"
    title = "This is not a photo that we can read"


class UnsupportedPhoto(PhotoError):
    """The file is whole, but of a kind that we cannot read; the message names what was found."""

    status = 415
    code = "unsupported-photo"
    title = "This kind of photo is not supported"


class DamagedPhoto(PhotoError):
    """The image is truncated or broken inside."""


class TooManyBytes(PhotoError):
    """The file is larger than the limit."""

    status = 413
    code = "too-many-bytes"
    title = "The file is too large"


class TooManyPixels(PhotoError):
    """The image has more pixels than the limit; found before decoding."""

    code = "too-many-pixels"
    title = "The photo has too many pixels"


class SideTooLong(PhotoError):
    """The output format cannot hold a side of this length."""

    code = "side-too-long"
    title = "The photo is too long for this format"


class FilmError(ColorizerError):
    """The film cannot be coloured."""

    status = 422
    code = "damaged-film"
    title = "The film cannot be read"


class NotAFilm(FilmError):
    """The file holds no moving picture that we can open."""

    status = 415
    code = "not-a-film"
    title = "This is not a film that we can read"


class DamagedFilm(FilmError):
    """No frame of the film can be decoded."""


class FilmTooLarge(FilmError):
    """The film's file is larger than the limit."""

    status = 413
    code = "film-too-large"
    title = "The film is too large"


class FilmTooLong(FilmError):
    """The film has more seconds, or more frames, than the limit."""

    code = "film-too-long"
    title = "The film is too long"


class UnsupportedFilm(FilmError):
    """The film is whole, but of a kind that we do not take: encrypted, HDR, too many pixels."""

    code = "unsupported-film"
    title = "We cannot colour this kind of film"


class OptionError(ColorizerError):
    """The caller asked for something that cannot be done."""

    status = 422
    code = "bad-field"
    title = "One of the settings makes no sense"
    exit_status = 2


class BadField(OptionError):
    """An unknown option, or a value out of its range."""


class BadHints(OptionError):
    """The colour hints make no sense."""

    code = "bad-hints"
    title = "The colour hints make no sense"


class BadReference(OptionError):
    """The photo whose colours are wanted cannot be read, or has none."""

    code = "bad-reference"
    title = "The reference photo cannot be used"


class SuggestionsUnsupported(OptionError):
    """The chosen strategy has no colour distribution to suggest from."""

    code = "suggestions-unsupported"
    title = "This strategy suggests no colours"


class UnknownStrategy(OptionError):
    """No strategy has this name."""

    code = "unknown-strategy"
    title = "There is no such strategy"


class WeightsError(ColorizerError):
    """Something is wrong with a network's weights."""

    code = "weights-damaged"
    title = "The network's weights cannot be used"


class WeightsNotInstalled(WeightsError):
    """The strategy's weights are not on this machine; the message names the command that fetches them."""

    status = 422
    code = "weights-not-installed"
    title = "This network's weights are not installed"


class WeightsDamaged(WeightsError):
    """The weights on disk are not the ones that the manifest describes."""


class DownloadFailed(WeightsError):
    """No mirror delivered the right file."""

    status = 502
    code = "download-failed"
    title = "The weights could not be fetched"


class OutputError(ColorizerError):
    """A result could not be written."""

    code = "output-failed"
    title = "The result could not be written"


class DiskFull(OutputError):
    """There is no room for a result, nor for any other."""


class ChildDied(ColorizerError):
    """A process that works for us ended before it answered."""


class ClusterError(ColorizerError):
    """The scheduler or the workers of a cluster are not there, or run another version."""


class NoticeNotSent(ColorizerError):
    """Whoever is to be told of a job's end could not be; the message says why, and is for the log."""


class StoreError(ColorizerError):
    """Something is wrong with the pictures that are kept."""

    status = 503
    code = "store-unavailable"
    title = "The kept pictures cannot be reached"


class StoreUnavailable(StoreError):
    """The folder, the bucket or the database does not answer."""

    retry_after = 5


class StoreGone(StoreUnavailable):
    """The store has not answered for as long as we wait: it is not one request's fault."""


class StoreFull(StoreError):
    """Keeping the picture would exceed a quota."""

    status = 507
    code = "store-full"
    title = "There is no room for more pictures"


class NoSuchImage(StoreError):
    """There is no such image for this owner: it never was, has expired, was deleted, or is another's."""

    status = 404
    code = "no-such-image"
    title = "There is no such image"


class NoSuchJob(StoreError):
    """There is no such job for this owner: it never was, has expired, or is another's."""

    status = 404
    code = "no-such-job"
    title = "There is no such job"


class Cancelled(ColorizerError):
    """Whoever asked for the work wants it no more."""

    code = "cancelled"
    title = "The work was cancelled"


class ExtraMissing(ColorizerError):
    """A package of an optional part is not installed; the message names the extra that brings it."""

    code = "extra-missing"
    title = "This part is not installed"
    exit_status = 2


class DeviceUnavailable(ColorizerError):
    """The device that was asked for is not in this build or machine."""

    code = "device-unavailable"
    title = "The device is not available"
    exit_status = 2


class SettingsError(ColorizerError):
    """One or more environment variables are wrong; the message lists every problem."""

    code = "bad-settings"
    title = "The settings are wrong"
    exit_status = 2


class RequestError(ColorizerError):
    """The HTTP request itself is wrong."""

    status = 400
    code = "malformed-request"
    title = "The request makes no sense"


class NoPhoto(RequestError):
    """The request carries no photo."""

    code = "no-photo"
    title = "No photo was sent"


class SeveralPhotos(RequestError):
    """The request carries more than one photo."""

    code = "several-photos"
    title = "More than one photo was sent"


class MalformedRequest(RequestError):
    """The body cannot be parsed."""


class TooSlow(RequestError):
    """The body did not arrive in time."""

    status = 408
    code = "too-slow"
    title = "The upload took too long"


class NotAcceptable(RequestError):
    """The Accept header names nothing that we can answer with."""

    status = 406
    code = "not-acceptable"
    title = "We cannot answer in that format"


class UnknownToken(RequestError):
    """The bearer token is none of those that the operator gave out."""

    status = 401
    code = "unknown-token"
    title = "This token is unknown"


class TooManyRequests(RequestError):
    """The client asks too often; it may again after ``retry_after`` seconds."""

    status = 429
    code = "too-many-requests"
    title = "Too many photos in a short time"

    def __init__(self, message: str, retry_after: int) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class Busy(RequestError):
    """All places and the queue are taken; try again after ``retry_after`` seconds."""

    status = 503
    code = "busy"
    title = "The service is busy"
    retry_after = 2


class NotReady(RequestError):
    """The service is starting or stopping."""

    status = 503
    code = "not-ready"
    title = "The service is not ready"
    retry_after = 2
