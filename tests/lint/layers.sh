#!/bin/bash
# Which folder may include which, and which file is the door to which library.  Prints TAP.
source "$(dirname "$0")/tap.bash"
cd "${srcdir:-$(dirname "$0")/../..}/src" || exit 99

# folder: what it may include besides itself
layers='
base      :
migrate   : base
market    : base
trade     : base market
strategy  : base market trade
risk      : base market trade
proc      : base market trade strategy
bot       : base market trade strategy risk
backtest  : base market trade strategy risk bot
report    : base market trade backtest
alert     : base market trade strategy
exchange  : base market trade
notify    : base alert
store     : base migrate market trade strategy risk bot backtest alert
cmd       : *
'
# library header (extended regular expression): the files that may include it
doors='
libpq-fe\.h|libpq/.*     : base/db_conn.h
base/db_conn\.h          : base/db.c base/db_open.c base/db_wait.c
curl/.*                  : base/http.c
openssl/.*|crypt\.h      : base/crypt.c
yaml\.h                  : base/yaml.c
jansson\.h               : base/json.c base/json.h base/yaml.c base/yaml.h
archive\.h|archive_entry\.h : base/unpack.c
'
while IFS=: read -r folder may; do
    folder=${folder// /}
    [ -n "$folder" ] && [ -d "$folder" ] || continue
    case $may in *'*'*) allowed='[a-z]+' ;; *) allowed=$(tr -s ' ' '|' <<<"$folder $may" | sed 's/|*$//') ;; esac
    verdict "$folder includes only itself and:$may" \
        "$(grep -rnE '^[[:space:]]*#[[:space:]]*include "' "$folder" | grep -vE "include \"($allowed)/" | grep -v 'include "config.h"')"
done <<<"$layers"

for folder in */; do
    grep -qE "^${folder%/} *:" <<<"$layers" || verdict "${folder%/} stands in the table of layers" "src/$folder"
done

while IFS=: read -r header files; do
    header=${header// /}
    [ -n "$header" ] || continue
    verdict "the door to ${header//\\/} is$files" \
        "$(grep -rnE "^[[:space:]]*#[[:space:]]*include [<\"]($header)[>\"]" . | grep -vE "^\./($(xargs <<<"$files" | tr ' ' '|' | sed 's/\./\\./g')):")"
done <<<"$doors"

finish
