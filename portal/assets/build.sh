#!/bin/sh
# Builds portal/static from the sources here: needs node 20 or later, and npm.
# The result is committed, so nobody needs this to run the portal.
set -eu
cd "$(dirname "$0")"
npm ci --ignore-scripts --no-audit --no-fund
node build.mjs
