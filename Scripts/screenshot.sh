#!/bin/sh
# Makes the picture of the report that README and the manual show: the top of the sample's page.
#
# usage: Scripts/screenshot.sh BINARY [PICTURE]
#   BINARY    the masklint that writes the report
#   PICTURE   the .png (Sources/masklint/Documentation.docc/Resources/report.png)
#
# Needs Chromium (Debian: apt-get install chromium; or CHROMIUM=/path/to/it).
set -eu
[ $# -ge 1 ] || { sed -n '4,8s/^# \{0,1\}//p' "$0" >&2; exit 64; }
cd "$(dirname "$0")/.."
binary=$1 picture=${2:-Sources/masklint/Documentation.docc/Resources/report.png}
street=Samples/street
limit=200000

browser=${CHROMIUM:-}
for name in chromium chromium-browser google-chrome; do
    [ -n "$browser" ] || browser=$(command -v "$name" || true)
done
[ -n "$browser" ] || { echo "screenshot: no Chromium; apt-get install chromium, or set CHROMIUM to its path" >&2; exit 1; }
# Chromium's sandbox refuses to run as root; the page is our own.
sandbox=
[ "$(id -u)" != 0 ] || sandbox=--no-sandbox

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"$binary" report -l $street/labels.npy -p $street/pred_probs.npz --class-names $street/class_names.txt \
    --images $street/images.npz --ignore-label 255 --fail-over 3% --quiet \
    -o "$folder/report.html"
mkdir -p "$(dirname "$picture")"
# An option is one word or none.
# shellcheck disable=SC2086
"$browser" --headless=new $sandbox --disable-gpu --hide-scrollbars --no-first-run --user-data-dir="$folder/profile" \
    --window-size=1200,1530 --force-device-scale-factor=1 --screenshot="$folder/report.png" "file://$folder/report.html" \
    >"$folder/log" 2>&1 || { tail -n 5 "$folder/log" >&2; exit 1; }
size=$(wc -c <"$folder/report.png")
[ "$size" -le $limit ] || { echo "screenshot: $size bytes, at most $limit are wanted" >&2; exit 1; }
mv "$folder/report.png" "$picture"
echo "$picture: $size bytes"
