#!/bin/sh
# Writes manual pages and shell completions of a built masklint, both made by the argument parser's own tools.
#
# usage: Scripts/manual.sh BINARY GENERATOR FOLDER
#   BINARY     the masklint to ask
#   GENERATOR  the argument parser's generate-manual
#   FOLDER     gets share/man/man1, share/bash-completion/completions, share/zsh/site-functions and
#              share/fish/vendor_completions.d
set -eu

[ $# -eq 3 ] || { sed -n '2,8s/^# \{0,1\}//p' "$0" >&2; exit 64; }
binary=$1 generator=$2 folder=$3
man=$folder/share/man/man1

rm -rf "$folder"
mkdir -p "$man" "$folder/share/bash-completion/completions" "$folder/share/zsh/site-functions" \
    "$folder/share/fish/vendor_completions.d"

# The date is that of the last change, so that two builds of one commit are alike.
date=$(git log -1 --format=%cs 2>/dev/null || date +%Y-%m-%d)
"$generator" "$binary" --multi-page --date "$date" --output-directory "$man"
rm "$man/masklint.help.1"
# `man masklint find` looks for masklint-find; blank lines are paragraphs in the language of the pages.
for page in "$man"/masklint*.1; do
    sed -e 's/masklint\.\([a-z]\)/masklint-\1/g' -e 's/^$/.Pp/' -e '/masklint-help/d' "$page" > "$page.new"
    rm "$page"
    mv "$page.new" "$man/$(basename "$page" | sed 's/^masklint\.\(.*\.1\)$/masklint-\1/')"
done

"$binary" --generate-completion-script bash > "$folder/share/bash-completion/completions/masklint"
"$binary" --generate-completion-script zsh > "$folder/share/zsh/site-functions/_masklint"
"$binary" --generate-completion-script fish > "$folder/share/fish/vendor_completions.d/masklint.fish"
