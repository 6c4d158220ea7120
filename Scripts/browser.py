"""Headless Chromium by the DevTools protocol, for the scripts that look at pages; Python's standard library alone."""

import base64
import json
import os
import shutil
import socket
import struct
import subprocess
import sys
import tempfile
import time
import urllib.parse
from contextlib import contextmanager


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


class Checks:
    """Counts what holds, and prints what does not."""

    def __init__(self, name):
        self.name = name
        self.failed = 0
        self.count = 0

    def __call__(self, what, holds, detail=""):
        self.count += 1
        if not holds:
            self.failed += 1
            print(f"{self.name}: FAILED: {what}" + (f": {detail}" if detail != "" else ""))

    def end(self, pictures):
        print(f"{self.name}: {self.count - self.failed} of {self.count} checks hold; screenshots in {pictures}")
        sys.exit(1 if self.failed else 0)


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
    print("no Chromium; apt-get install chromium, or set CHROMIUM to its path", file=sys.stderr)
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
    print(f"{browser} does not start: {open(log.name).read()[-300:]}", file=sys.stderr)
    sys.exit(2)


@contextmanager
def new_page():
    """A tab of a new browser, which ends with the block."""
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
            yield page
            browser.call("Browser.close")
            process.wait(20)
        finally:
            process.kill()
            process.wait()
