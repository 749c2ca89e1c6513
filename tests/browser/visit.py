"""What a visitor does on the page, in the words of the tests."""

import io
import re
from pathlib import Path

from PIL import Image
from playwright.sync_api import Route, expect

from colorizer.process.resources import resource_folder

EXAMPLES = resource_folder("static") / "examples"
PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}
SCREENSHOTS = Path(__file__).parent / "screenshots"
PATIENCE = 60_000  # milliseconds; whatever comes, comes much sooner, unless the machine is busy
expect.set_options(timeout=PATIENCE)

CHROMIUM = Path("/usr/bin/chromium")
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--use-fake-device-for-media-stream",
    "--use-fake-ui-for-media-stream",
]

COUNT = """async () => {
  const opening = indexedDB.open("image-colorizer");
  await new Promise((resolve) => { opening.onsuccess = resolve; });
  const count = opening.result.transaction("photos").objectStore("photos").count();
  await new Promise((resolve) => { count.onsuccess = resolve; });
  opening.result.close();
  return count.result;
}"""

SLOW_TURN = """() => {
  const toBlob = HTMLCanvasElement.prototype.toBlob;
  let turns = 0;
  window.slowTurn = new Promise((resolve) => {
    HTMLCanvasElement.prototype.toBlob = function (done, ...how) {
      const late = (blob) => setTimeout(() => { done(blob); setTimeout(resolve, 500); }, 1500);
      toBlob.call(this, this.height > this.width && turns++ === 0 ? late : done, ...how);
    };
  });
}"""
SHOWN = """async () => {
  const picture = document.querySelector(".pan img");
  await picture.decode();
  return [picture.naturalWidth, picture.naturalHeight];
}"""


def launch(playwright):
    """Start Debian's Chromium."""
    return playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)


class Visit:
    """A visitor on the page. Every request must go to our server, and nothing may go wrong unseen."""

    def __init__(self, browser, server, **options) -> None:
        options = {"viewport": {"width": 1280, "height": 850}} | options
        self.context = browser.new_context(**options)
        self.page = self.context.new_page()
        self.page.set_default_timeout(PATIENCE)
        self.origin = f"http://127.0.0.1:{server.port}"
        self.requests, self.complaints, self.held = [], [], []
        self.page.on("request", lambda request: self.requests.append(request.url))
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("console", self._listen)

    def _listen(self, message) -> None:
        # Chromium reports every answer of 400 and more here; those are what the tests of failures ask for.
        if message.type == "error" and "Failed to load resource" not in message.text:
            self.complaints.append(message.text)

    def open(self, fragment: str = "") -> "Visit":
        self.page.goto(f"{self.origin}/{fragment}")
        self.page.locator("#strategies li, #failure a").first.wait_for(state="attached")
        return self

    def choose(self, *files) -> None:
        """Choose files: paths, or (name, bytes)."""
        given = [
            {"name": file[0], "mimeType": "", "buffer": file[1]} if isinstance(file, tuple) else file
            for file in files
        ]
        self.page.set_input_files("#file", given)
        expect(self.page.locator("#status")).not_to_have_text(re.compile("^Opening"))

    def choose_example(self, name: str = "camera") -> None:
        self.choose(EXAMPLES / f"{name}-before.jpg")

    def colorize(self) -> None:
        self.page.click("#colorize")
        self.finish()

    def finish(self) -> None:
        self.page.locator("#cancel").wait_for(state="hidden")

    def hold(self) -> None:
        """Let the server not answer until `let_go` or `let_through`."""
        self.page.route("**/colorize", self._keep)

    def _keep(self, route) -> None:
        self.held.append(route)

    def let_go(self) -> None:
        """Let what is held go unanswered."""
        self._release(Route.abort)

    def let_through(self) -> None:
        """Let what is held come to the server after all."""
        self._release(Route.continue_)

    def _release(self, release) -> None:
        while self.held:
            release(self.held.pop())
        self.page.unroute("**/colorize")

    def slow_the_first_turn(self) -> None:
        """Let the drawing that first makes a lying photo stand take longer than what comes after it."""
        self.page.evaluate(SLOW_TURN)

    def wait_for_the_slow_turn(self) -> None:
        self.page.evaluate("() => window.slowTurn")

    def shown_size(self) -> list[int]:
        """Return width and height of the picture on the stage."""
        return self.page.evaluate(SHOWN)

    def count_kept(self) -> int:
        """Count the photos that the browser keeps, once it has kept all that it was given till now."""
        return self.page.evaluate(COUNT)

    def status(self) -> str:
        return self.page.inner_text("#status")

    def failure(self) -> str:
        return self.page.locator("#failure").inner_text()

    def download(self, selector: str = "#download"):
        with self.page.expect_download() as waiting:
            self.page.click(selector)
        return waiting.value

    def picture(self, selector: str = "#download") -> Image.Image:
        """Download, and open what came."""
        return Image.open(io.BytesIO(self.download(selector).path().read_bytes()))

    def screenshot(self, name: str) -> None:
        SCREENSHOTS.mkdir(exist_ok=True)
        self.page.screenshot(path=SCREENSHOTS / f"{name}.png", full_page=True, animations="disabled")

    def close(self) -> None:
        self.let_go()
        self.context.close()
        assert self.complaints == []
        own = (self.origin, f"blob:{self.origin}", "data:")
        assert [url for url in self.requests if not url.startswith(own)] == []
