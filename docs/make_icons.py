"""Draw the icons of the page, static/icon-192.png and icon-512.png, from static/icon.svg in Chromium."""

from pathlib import Path

from playwright.sync_api import sync_playwright

STATIC = Path(__file__).parents[1] / "static"
CHROMIUM = "/usr/bin/chromium"
SIZES = (192, 512)


def main() -> None:
    """Write the icons."""
    drawing = (STATIC / "icon.svg").read_text()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        for size in SIZES:
            page = browser.new_page(viewport={"width": size, "height": size})
            page.set_content(f"<style>body {{ margin: 0; background: #fffaf0 }}</style>{drawing}")
            page.screenshot(path=STATIC / f"icon-{size}.png")


if __name__ == "__main__":
    main()
