"""Takes the pictures of the review widget anew: light and dark, in JupyterLab and Chromium.

Run it as `python docs/pictures.py`; it needs the extra `notebook`, Playwright and Chromium.
"""

import base64
import struct
import sys
import tempfile
import zlib
from pathlib import Path

import numpy as np
from playwright.sync_api import Page, sync_playwright

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT / "tests"), str(ROOT / "tests" / "notebook")]

from browser import chromium_path  # noqa: E402
from lab import Lab  # noqa: E402
from opened import Opened  # noqa: E402

CELL = """from scormaudit import Client, audit, fetch, propose
from scormaudit.notebook import review

client = Client.sandbox()
snapshot = fetch(client, client.worklist, "snapshot")
plan = propose(audit(snapshot), include=["judgement"])
review(plan, path="plan.json", snapshot=snapshot)"""
_PIXELS = """async (source) => {
  const image = new Image();
  image.src = source;
  await image.decode();
  const { width, height } = image;
  const pen = new OffscreenCanvas(width, height).getContext("2d");
  pen.drawImage(image, 0, 0);
  const { data } = pen.getImageData(0, 0, width, height);
  let text = "";
  for (let at = 0; at < data.length; at += 8192) {
    text += String.fromCharCode(...data.subarray(at, at + 8192));
  }
  return [width, height, btoa(text)];
}"""
THEMES = ("light", "dark")


def main() -> None:
    """Both pictures into the folder beside this file."""
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as driver:
        chromium = driver.chromium.launch(executable_path=chromium_path())
        lab = Lab(Path(folder))
        try:
            for theme in THEMES:
                (lab.folder / theme).mkdir()
                lab.write(lab.folder / theme / "review.ipynb", CELL)
                lab.theme(theme)
                desk = Opened(lab, chromium, f"{theme}/review.ipynb", width=1100)
                review(desk)
                to = Path(__file__).parent / "pictures" / f"widget-{theme}.png"
                to.write_bytes(packed(chromium.new_page(), desk.widget.screenshot()))
                desk.close()
                print(f"{to.name}: {to.stat().st_size:,} bytes")
        finally:
            lab.close()


def review(desk: Opened) -> None:
    """Decide about a few changes, so that there is something to see."""
    desk.introduce("Ann", "checked with the course")
    desk.type("a", "r", "n", "a", "a")
    desk.told("4 of 15 decided")
    desk.rows.filter(has_text="exit_status").first.click()
    desk.widget.locator("tr.changes").filter(has_text="cmi.core.exit").wait_for()


def packed(page: Page, png: bytes) -> bytes:
    """The same picture in its 256 commonest colours, every other as the nearest of these."""
    data = base64.b64encode(png).decode()
    width, height, pixels = page.evaluate(_PIXELS, f"data:image/png;base64,{data}")
    flat = np.frombuffer(base64.b64decode(pixels), "uint8").reshape(-1, 4)[:, :3]
    colours, of, numbers = np.unique(flat, axis=0, return_inverse=True, return_counts=True)
    palette = colours[np.argsort(-numbers, kind="stable")[:256]]
    apart = np.abs(colours[:, None].astype(int) - palette).sum(axis=2)
    indices = apart.argmin(axis=1).astype("uint8")[of].reshape(height, width)
    lines = np.insert(indices, 0, 0, axis=1).tobytes()  # a filter byte before each line
    head = struct.pack(">IIBBBBB", width, height, 8, 3, 0, 0, 0)
    chunks = ((b"IHDR", head), (b"PLTE", palette.tobytes()), (b"IDAT", zlib.compress(lines, 9)))
    return b"\x89PNG\r\n\x1a\n" + b"".join(map(chunk, *zip(*chunks, (b"IEND", b""), strict=True)))


def chunk(kind: bytes, content: bytes) -> bytes:
    """One chunk of a PNG."""
    checked = kind + content
    return struct.pack(">I", len(content)) + checked + struct.pack(">I", zlib.crc32(checked))


if __name__ == "__main__":
    main()
