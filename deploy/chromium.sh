#!/bin/sh
# Brings Chromium for the browser tests when there is none: Debian's package as
# root, Playwright's own download elsewhere.
set -eu
python=$1
if command -v chromium >/dev/null; then
    exit 0
elif [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    apt-get update -qq
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends \
        chromium fonts-noto-core fonts-noto-cjk >/dev/null
else
    "$python" -m playwright install chromium
fi
