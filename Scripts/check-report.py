#!/usr/bin/env python3
"""Opens a report in headless Chromium and checks that it shows what it should.

usage: check-report.py PAGE.html SUMMARY.json [--pictures DIR]

PAGE is what `masklint report` wrote, SUMMARY what it printed with --json. Checked: the numbers of the page against the
summary, every picture decodes, issue layers hold as many pixels as the page says, crops of regions have outlines, filters, the
table of regions and the enlarged view work by keyboard, nothing is wider than a phone's screen, text has contrast in light and dark, the page prints, the console has
no error and no request leaves the page. Screenshots go to DIR (.artifacts/report): desktop, phone, dark, view.

Needs Chromium (Debian: apt-get install chromium; or CHROMIUM=/path/to/it) and Python's standard library. Exit status:
0 all checks hold, 1 one does not, 2 the check could not run.
"""

import argparse
import base64
import json
import os
import pathlib
import shutil
import socket
import struct
import subprocess
import sys
import tempfile
import time
import urllib.parse


class Socket:
    """A websocket client (RFC 6455) for one connection to this machine."""

    def __init__(self, port, path):
        self.stream = socket.create_connection(("127.0.0.1", port), timeout=60)
        key = base64.b64encode(os.urandom(16)).decode()
        self.stream.sendall(
            (
                f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                f"Sec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\n\r\n"
            ).encode()
        )
        self.pending = b""
        answer = b""
        while b"\r\n\r\n" not in answer:
            answer += self._receive()
        head, self.pending = answer.split(b"\r\n\r\n", 1)
        if b" 101 " not in head.split(b"\r\n")[0]:
            raise RuntimeError(f"no websocket: {head[:80]!r}")

    def _receive(self):
        data = self.stream.recv(1 << 20)
        if not data:
            raise RuntimeError("the browser closed the connection")
        return data

    def _take(self, count):
        while len(self.pending) < count:
            self.pending += self._receive()
        data, self.pending = self.pending[:count], self.pending[count:]
        return data

    def send(self, text):
        data = text.encode()
        mask = os.urandom(4)
        size = len(data)
        if size < 126:
            head = struct.pack("!BB", 0x81, 0x80 | size)
        elif size < 65536:
            head = struct.pack("!BBH", 0x81, 0x80 | 126, size)
        else:
            head = struct.pack("!BBQ", 0x81, 0x80 | 127, size)
        self.stream.sendall(head + mask + bytes(byte ^ mask[at & 3] for at, byte in enumerate(data)))

    def receive(self):
        message = b""
        while True:
            first, second = self._take(2)
            size = second & 0x7F
            if size == 126:
                size = struct.unpack("!H", self._take(2))[0]
            elif size == 127:
                size = struct.unpack("!Q", self._take(8))[0]
            data = self._take(size)
            if first & 0x0F in (0, 1):
                message += data
                if first & 0x80:
                    return message.decode()


class Page:
    """A tab, by the DevTools protocol; events are kept."""

    def __init__(self, port, path):
        self.socket = Socket(port, path)
        self.number = 0
        self.events = []

    def call(self, method, **params):
        self.number += 1
        self.socket.send(json.dumps({"id": self.number, "method": method, "params": params}))
        while True:
            message = json.loads(self.socket.receive())
            if message.get("id") == self.number:
                if "error" in message:
                    raise RuntimeError(f"{method}: {message['error']['message']}")
                return message["result"]
            self.events.append(message)

    def evaluate(self, expression):
        answer = self.call("Runtime.evaluate", expression=expression, awaitPromise=True, returnByValue=True)
        if "exceptionDetails" in answer:
            raise RuntimeError(answer["exceptionDetails"].get("exception", {}).get("description", "exception"))
        return answer["result"].get("value")

    def open(self, url):
        self.call("Page.navigate", url=url)
        for _ in range(300):
            if self.evaluate("document.readyState") == "complete":
                return
            time.sleep(0.05)
        raise RuntimeError("the page does not finish loading")

    def key(self, key, code, text=None):
        common = {"key": key, "code": key if len(key) > 1 else None, "windowsVirtualKeyCode": code}
        common = {name: value for name, value in common.items() if value is not None}
        self.call("Input.dispatchKeyEvent", type="keyDown", **common, **({"text": text} if text else {}))
        self.call("Input.dispatchKeyEvent", type="keyUp", **common)

    def size(self, width, height, scale=1, mobile=False):
        self.call(
            "Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=scale, mobile=mobile
        )

    def scheme(self, name):
        self.call("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": name}])

    def screenshot(self, path, whole=True):
        answer = self.call("Page.captureScreenshot", captureBeyondViewport=whole)
        path.write_bytes(base64.b64decode(answer["data"]))


# Every visible text's colour against the nearest background that covers: the least ratio, by WCAG 2.2.
CONTRAST = """
(() => {
  const canvas = document.createElement('canvas').getContext('2d', {willReadFrequently: true});
  const rgb = (color) => {
    canvas.clearRect(0, 0, 1, 1); canvas.fillStyle = color; canvas.fillRect(0, 0, 1, 1);
    return [...canvas.getImageData(0, 0, 1, 1).data];
  };
  const light = ([r, g, b]) => {
    const [x, y, z] = [r, g, b].map((v) => v / 255).map((v) => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
    return 0.2126 * x + 0.7152 * y + 0.0722 * z;
  };
  let worst = {ratio: 99, text: ''};
  const walker = document.createTreeWalker(document.querySelector('main'), NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const element = walker.currentNode.parentElement;
    if (!walker.currentNode.data.trim() || !element.checkVisibility() || element.tagName === 'OPTION') continue;
    let ground = [0, 0, 0, 0];
    for (let at = element; at && ground[3] < 255; at = at.parentElement) ground = rgb(getComputedStyle(at).backgroundColor);
    const [a, b] = [light(rgb(getComputedStyle(element).color)), light(ground)];
    const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    if (ratio < worst.ratio) worst = {ratio, text: walker.currentNode.data.trim().slice(0, 40)};
  }
  return worst;
})()
"""

# Of each article: what its text says, what its layers claim, what they draw.
PICTURES = """
(async () => {
  const all = [];
  for (const article of document.querySelectorAll('article')) {
    const images = [...article.querySelectorAll('img')];
    await Promise.all(images.map((image) => image.decode()));
    const layers = [...article.querySelectorAll('.layer')];
    let drawn = 0;
    for (const layer of layers) {
      const canvas = document.createElement('canvas');
      canvas.width = layer.naturalWidth; canvas.height = layer.naturalHeight;
      const context = canvas.getContext('2d');
      context.drawImage(layer, 0, 0);
      const data = context.getImageData(0, 0, canvas.width, canvas.height).data;
      for (let at = 3; at < data.length; at += 4) drawn += data[at] === 255 ? 1 : 0;
    }
    let photo = null;
    const holder = article.querySelector('.photo');
    if (holder) {
      const image = new Image();
      image.src = getComputedStyle(holder).backgroundImage.slice(5, -2);
      await image.decode();
      photo = [image.naturalWidth, image.naturalHeight];
    }
    all.push({
      facts: article.querySelector('.facts').textContent, claimed: layers.reduce((sum, l) => sum + Number(l.dataset.issues), 0),
      drawn, panels: article.querySelectorAll('.panel').length, photo,
      sizes: images.map((image) => [image.naturalWidth, image.naturalHeight]),
      shown: [...article.querySelectorAll('.picture')].every((p) => p.clientWidth > 40 && p.clientHeight > 20),
    });
  }
  return all;
})()
"""


# Of each crop of a region: the crop's size and whether its outlines lie within it.
CROPS = """
(async () => {
  const all = [];
  for (const crop of document.querySelectorAll('.crop')) {
    const image = new Image();
    image.src = getComputedStyle(crop.querySelector('.photo')).backgroundImage.slice(5, -2);
    await image.decode();
    const box = crop.querySelector('svg').viewBox.baseVal;
    const paths = [...crop.querySelectorAll('path')].map((path) => path.getBBox());
    all.push({
      size: [image.naturalWidth, image.naturalHeight], box: [box.width, box.height], paths: paths.length,
      inside: paths.every((p) => p.width > 0 && p.x >= 0 && p.y >= 0 && p.x + p.width <= box.width && p.y + p.height <= box.height),
    });
  }
  return all;
})()
"""

SCORES = "[...document.querySelectorAll('#regionTable tbody tr')].filter(r => !r.hidden).map(r => +r.cells[8].dataset.value)"


class Checks:
    def __init__(self):
        self.failed = 0
        self.count = 0

    def __call__(self, what, holds, detail=""):
        self.count += 1
        if not holds:
            self.failed += 1
            print(f"check-report: FAILED: {what}" + (f": {detail}" if detail != "" else ""))


def grouped(number):
    return f"{number:,}"


def check_numbers(page, summary, check):
    text = page.evaluate("document.querySelector('header').innerText")
    for key in ("issues", "counted_pixels", "images", "ignored_pixels", "classes"):
        check(f"the head shows {key}", grouped(summary[key]) in text, grouped(summary[key]))
    rate = f"{summary['issue_rate'] * 100:.2f} %"
    check("the head shows the issue rate", rate in text, rate)
    check("the title shows the issue rate", rate in page.evaluate("document.title"))
    check("there is a verdict", page.evaluate("document.getElementById('verdict').innerText.includes('ate')"))
    rows = page.evaluate("[...document.querySelectorAll('.bars tbody tr')].map(r => r.innerText)")
    counted = [row for row in summary["per_class"] if row["pixels"]]
    check("a bar for every class with pixels", len(rows) == min(40, len(counted)), f"{len(rows)} of {len(counted)}")
    counted.sort(key=lambda row: (-row["issues"] / row["pixels"], row["class"]))
    for row in counted[:40]:
        name = row["name"] or str(row["class"])
        check(f"the row of {name} has its counts", any(name in r and grouped(row["issues"]) in r for r in rows))
    cells = page.evaluate("[...document.querySelectorAll('.matrix .hit')].map(c => c.title)")
    # With very many classes the matrix keeps those with most issues.
    for swap in summary["swaps"] if summary["classes"] <= 30 else []:
        check(f"the matrix has {swap}", any(f": {grouped(swap['pixels'])} pixel" in cell for cell in cells))
    check("fifty bins of self-confidence", page.evaluate("document.querySelectorAll('.columns > div').length") == 50)


def check_pictures(page, summary, check):
    articles = page.evaluate(PICTURES)
    check("the gallery has images where there are issues", (len(articles) > 0) == (summary["issues"] > 0))
    for index, article in enumerate(articles):
        name = f"image {index + 1} of the gallery"
        check(f"{name}: pictures have a size on the page", article["shown"])
        check(f"{name}: text and layers agree", article["facts"].startswith(grouped(article["claimed"]) + " issue"))
        if "times smaller" not in article["facts"]:
            check(f"{name}: layers draw what they claim", article["drawn"] == article["claimed"], article["drawn"])
        check(f"{name}: pictures are of one size", len(set(map(tuple, article["sizes"]))) == 1, article["sizes"])
        if article["photo"]:
            check(f"{name}: four panels with a photograph", article["panels"] == 4)
            check(f"{name}: the photograph is as large", article["photo"] == article["sizes"][0])
    for given, listed in zip(summary["worst_images"], articles):
        check("the gallery is in the summary's order", listed["facts"].startswith(grouped(given["issues"]) + " "))


def check_keyboard(page, pictures, check):
    """Filters and the enlarged view, by keys alone."""
    page.evaluate("document.querySelector('.matrix .hit').focus()")
    check("a cell of the matrix is read out", "pixel" in page.evaluate("document.getElementById('readout').innerText"))

    page.evaluate("document.getElementById('given').focus()")
    page.key("ArrowDown", 40)
    state = page.evaluate(
        "({given: document.getElementById('given').value, shown: document.getElementById('shown').value,"
        " other: [...document.querySelectorAll('.layer')].filter(l => !l.hidden"
        " && l.dataset.given !== document.getElementById('given').value).length})"
    )
    check("a key chooses a class", state["given"] != "", state)
    check("only issues of that class are shown", state["other"] == 0 and "issues in" in state["shown"], state)
    page.evaluate("document.querySelector('#filters button').focus()")
    page.key("Enter", 13, "\r")
    time.sleep(0.1)
    hidden = page.evaluate("document.querySelectorAll('article[hidden], .layer[hidden]').length")
    check("the button shows all again", hidden == 0, hidden)

    page.evaluate("document.querySelector('.panel[data-kind=issues]').focus()")
    page.key("Enter", 13, "\r")
    title = "document.getElementById('view').open && document.getElementById('viewTitle').innerText"
    first = page.evaluate(title)
    check("Enter enlarges a picture", bool(first) and first.endswith("Issues"), first)
    time.sleep(0.1)
    box = page.evaluate(
        "(() => { const p = document.querySelector('#viewPicture .picture').getBoundingClientRect();"
        " return [p.width, p.bottom, innerHeight] })()"
    )
    check("the enlarged picture fits the screen", box[0] > 300 and box[1] <= box[2], box)
    page.screenshot(pictures / "view.png", whole=False)
    page.key("ArrowUp", 38)
    check("a key goes to the next picture", page.evaluate(title) not in (first, False), page.evaluate(title))
    if page.evaluate("document.querySelectorAll('article').length") > 1:
        page.key("ArrowRight", 39)
        check("a key goes to the next image", page.evaluate(title).split(" · ")[0] != first.split(" · ")[0])
    page.key("Escape", 27)
    check("Escape closes it", page.evaluate(title) is False)


def check_regions(page, check):
    """Crops, and the table by keys alone."""
    crops = page.evaluate(CROPS)
    check("there are crops of regions", len(crops) > 0)
    for index, crop in enumerate(crops):
        check(f"crop {index + 1}: outlines are drawn on its pixels", crop["size"] == crop["box"] and crop["inside"], crop)
        check(f"crop {index + 1}: two outlines and the region", crop["paths"] == 5, crop["paths"])
    scores = page.evaluate(SCORES)
    check("the table has as many rows as crops at least", len(scores) >= len(crops), len(scores))
    check("regions come by score", scores == sorted(scores, reverse=True))
    page.evaluate("document.querySelector('#regionTable th:last-child button').focus()")
    page.key("Enter", 13, "\r")
    check("a key sorts the table down", page.evaluate(SCORES) == sorted(scores, reverse=True))
    page.key("Enter", 13, "\r")
    check("and up", page.evaluate(SCORES) == sorted(scores))
    state = "document.querySelector('#regionTable th:last-child').ariaSort"
    check("the head says so", page.evaluate(state) == "ascending", page.evaluate(state))
    page.evaluate("document.querySelector('#regionTable th button').click()")
    page.evaluate("document.getElementById('swap').focus()")
    page.key("ArrowDown", 40)
    rows = page.evaluate(
        "[...document.querySelectorAll('#regionTable tbody tr, .crop')].filter(r => !r.hidden).map(r => r.dataset.swap)"
    )
    check("a key narrows regions to a swap", 0 < len(rows) and set(rows) == {page.evaluate("document.getElementById('swap').value")})
    page.key("ArrowUp", 38)
    check("and shows all again", page.evaluate(SCORES) == scores)


def check_widths(page, pictures, check):
    for name, width, height, mobile in (("desktop", 1280, 900, False), ("phone", 390, 844, True)):
        page.size(width, height, 2 if mobile else 1, mobile)
        time.sleep(0.2)
        extent = page.evaluate("[document.documentElement.scrollWidth, innerWidth]")
        check(f"nothing is wider than the screen ({name})", extent[0] <= extent[1], extent)
        for scheme in ("light", "dark"):
            page.scheme(scheme)
            worst = page.evaluate(CONTRAST)
            check(f"text has contrast ({name}, {scheme})", worst["ratio"] >= 4.5, worst)
        page.scheme("light")
        page.evaluate("scrollTo(0, 0)")
        page.screenshot(pictures / f"{name}.png")
    page.size(1280, 900)
    page.scheme("dark")
    page.screenshot(pictures / "dark.png")
    page.scheme("light")
    printed = base64.b64decode(page.call("Page.printToPDF", printBackground=False)["data"])
    (pictures / "print.pdf").write_bytes(printed)
    check("the page prints", printed.startswith(b"%PDF") and len(printed) > 10_000, len(printed))


def check_events(page, url, check):
    requests = [e["params"]["request"]["url"] for e in page.events if e["method"] == "Network.requestWillBeSent"]
    leaving = [r for r in requests if not r.startswith("data:") and urllib.parse.unquote(r) != urllib.parse.unquote(url)]
    check("no request leaves the page", not leaving, leaving[:3])
    errors = [e["params"] for e in page.events if e["method"] == "Runtime.exceptionThrown"]
    errors += [
        e["params"] for e in page.events if e["method"] == "Runtime.consoleAPICalled" and e["params"]["type"] == "error"
    ]
    errors += [
        e["params"]["entry"]
        for e in page.events
        if e["method"] == "Log.entryAdded" and e["params"]["entry"]["level"] in ("error", "warning")
    ]
    check("the console has no error", not errors, json.dumps(errors)[:300])


def find_browser():
    named = os.environ.get("CHROMIUM")
    for name in [named] if named else ["chromium", "chromium-browser", "google-chrome"]:
        path = shutil.which(name)
        if path:
            return path
    print("check-report: no Chromium; apt-get install chromium, or set CHROMIUM to its path", file=sys.stderr)
    sys.exit(2)


def start(browser, profile):
    arguments = [
        browser, "--headless=new", "--remote-debugging-port=0", f"--user-data-dir={profile}", "--no-first-run",
        "--disable-gpu", "--disable-dev-shm-usage", "--hide-scrollbars", "--disable-background-networking",
        "--disable-component-update", "--disable-sync", "about:blank",
    ]  # fmt: skip
    if os.geteuid() == 0:
        # Chromium's sandbox refuses to run as root; the page is our own.
        arguments.insert(1, "--no-sandbox")
    log = open(os.path.join(profile, "log"), "wb")
    process = subprocess.Popen(arguments, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
    port_file = os.path.join(profile, "DevToolsActivePort")
    for _ in range(600):
        if process.poll() is not None:
            break
        if os.path.exists(port_file):
            lines = open(port_file).read().split("\n")
            if len(lines) >= 2 and lines[1]:
                return process, int(lines[0]), lines[1]
        time.sleep(0.05)
    process.kill()
    print(f"check-report: {browser} does not start: {open(log.name).read()[-300:]}", file=sys.stderr)
    sys.exit(2)


def main():
    parser = argparse.ArgumentParser(usage=__doc__.split("\n\n")[1].removeprefix("usage: "))
    parser.add_argument("page", type=pathlib.Path)
    parser.add_argument("summary", type=pathlib.Path)
    parser.add_argument("--pictures", type=pathlib.Path, default=pathlib.Path(".artifacts/report"))
    options = parser.parse_args()
    summary = json.loads(options.summary.read_text())
    options.pictures.mkdir(parents=True, exist_ok=True)
    url = options.page.resolve().as_uri()
    check = Checks()
    size = options.page.stat().st_size
    check("the page is below 10 MB", size < 10_000_000, size)
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        process, port, path = start(find_browser(), profile)
        try:
            browser = Page(port, path)
            target = browser.call("Target.createTarget", url="about:blank")["targetId"]
            page = Page(port, f"/devtools/page/{target}")
            for domain in ("Page", "Runtime", "Log", "Network"):
                page.call(f"{domain}.enable")
            page.size(1280, 900)
            page.scheme("light")
            page.open(url)
            check_numbers(page, summary, check)
            check_pictures(page, summary, check)
            if summary["issues"]:
                check_keyboard(page, options.pictures, check)
            if page.evaluate("document.getElementById('regions') !== null"):
                check_regions(page, check)
            check_widths(page, options.pictures, check)
            check_events(page, url, check)
            browser.call("Browser.close")
            process.wait(20)
        finally:
            process.kill()
            process.wait()
    print(f"check-report: {check.count - check.failed} of {check.count} checks hold; screenshots in {options.pictures}")
    sys.exit(1 if check.failed else 0)


if __name__ == "__main__":
    try:
        main()
    except (OSError, RuntimeError, ValueError) as error:
        print(f"check-report: {error}", file=sys.stderr)
        sys.exit(2)
