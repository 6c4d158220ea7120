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
import pathlib
import sys
import time

from browser import CONTRAST, Checks, check_events, new_page

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


def main():
    parser = argparse.ArgumentParser(usage=__doc__.split("\n\n")[1].removeprefix("usage: "))
    parser.add_argument("page", type=pathlib.Path)
    parser.add_argument("summary", type=pathlib.Path)
    parser.add_argument("--pictures", type=pathlib.Path, default=pathlib.Path(".artifacts/report"))
    options = parser.parse_args()
    summary = json.loads(options.summary.read_text())
    options.pictures.mkdir(parents=True, exist_ok=True)
    url = options.page.resolve().as_uri()
    check = Checks("check-report")
    size = options.page.stat().st_size
    check("the page is below 10 MB", size < 10_000_000, size)
    with new_page() as page:
        page.open(url)
        check_numbers(page, summary, check)
        check_pictures(page, summary, check)
        if summary["issues"]:
            check_keyboard(page, options.pictures, check)
        if page.evaluate("document.getElementById('regions') !== null"):
            check_regions(page, check)
        check_widths(page, options.pictures, check)
        check_events(page, url, check)
    check.end(options.pictures)


if __name__ == "__main__":
    try:
        main()
    except (OSError, RuntimeError, ValueError) as error:
        print(f"check-report: {error}", file=sys.stderr)
        sys.exit(2)
