#!/usr/bin/env bash
# Builds MiniDns and runs every test, on a Debian machine with the .NET SDK and nothing else:
#
#     sudo tests/run.sh
#
# Root is needed: the integration tests make network namespaces. Debian packages that they use are installed when missing.
# The last line printed is "N passed, N failed"; the exit code is 0 only when nothing failed and every test project ran a test.
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.." || exit 1
results=artifacts/test-results
project_limit=${MINIDNS_TEST_LIMIT:-25m} # a project that takes longer than this hangs

# Analyzers are on, whatever the shell has set for its inner loop; no build server may outlive this script.
unset MINIDNS_FAST
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1 DOTNET_CLI_UI_LANGUAGE=en
export MSBUILDDISABLENODEREUSE=1 DOTNET_CLI_USE_MSBUILD_SERVER=0
export HOME=${HOME:-$PWD/artifacts/home}

# What is left in the directory for temporary files goes with it: the SDK leaves two empty directories at each build and test, and a
# server that a test kills leaves its debugger's pipes.
TMPDIR=$(mktemp -d --tmpdir minidns-tests.XXXXXX) || exit 1
export TMPDIR
trap 'rm -rf "$TMPDIR"' EXIT
chmod 1777 "$TMPDIR" # tests have programs run by other users

# What the tests start, and the package it comes in.
needed=(
    dig:bind9-dnsutils nslookup:bind9-dnsutils host:bind9-host kdig:knot-dnsutils drill:ldnsutils ip:iproute2
    knotd:knot nsd:nsd named:bind9 named-checkzone:bind9-utils
    delv:bind9-dnsutils dnssec-signzone:bind9-utils ldns-verify-zone:ldnsutils kzonesign:knot-dnssecutils unbound:unbound
    dnsdist:dnsdist haproxy:haproxy curl:curl openssl:openssl mmdblookup:mmdb-bin
    dnsperf:dnsperf prometheus:prometheus promtool:prometheus
    buildah:buildah setpriv:util-linux unshare:util-linux setcap:libcap2-bin getent:libc-bin kill:procps systemd-analyze:systemd man:man-db
)

main() {
    install_packages || stop "the Debian packages above could not be installed"
    dotnet --version >/dev/null || stop "the .NET SDK is missing; see global.json for its version"

    rm -rf "$results"
    mkdir -p "$results"
    dotnet build MiniDns.sln -c Release --nologo -v quiet -p:UseSharedCompilation=false || stop "the build failed"

    local passed=0 failed=0 skipped=0 project
    for project in tests/*Tests/*.csproj; do
        run_project "$project"
    done

    local total="$passed passed, $failed failed"
    ((skipped == 0)) || total+=", $skipped skipped"
    printf '\n%s\n' "$total"
    ((failed == 0))
}

# Ends the run before the first test: that is a failure too, and says so in the usual place.
stop() {
    printf 'tests/run.sh: %s\n\n0 passed, 1 failed\n' "$1"
    exit 1
}

install_packages() {
    local -A missing=()
    local entry
    for entry in "${needed[@]}"; do
        PATH=$PATH:/usr/sbin:/sbin command -v "${entry%%:*}" >/dev/null || missing[${entry##*:}]=1
    done

    # Debian's dnspython belongs to Debian's python3, whichever other one comes first in PATH.
    /usr/bin/python3 -c 'import dns' 2>/dev/null || missing[python3-dnspython]=1
    ((${#missing[@]} > 0)) || return 0

    echo "installing ${!missing[*]}"
    if ((EUID != 0)); then
        echo "not root; run: apt-get install --no-install-recommends ${!missing[*]}"
        return 1
    fi

    # A package's own service must not take port 53: the tests start what they need.
    local policy=/usr/sbin/policy-rc.d own_policy=0
    if [[ ! -e $policy ]]; then
        printf '#!/bin/sh\nexit 101\n' >"$policy" && chmod +x "$policy" && own_policy=1
    fi

    local status=0
    apt-get update -q </dev/null && DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends "${!missing[@]}" </dev/null || status=1
    ((own_policy == 0)) || rm -f "$policy"
    return "$status"
}

# Runs one project and adds its results to passed, failed and skipped.
run_project() {
    local project=$1 name trx status=0
    name=$(basename "$project" .csproj)
    trx=$results/$name.trx
    printf '\n== %s\n' "$name"
    timeout --kill-after=30s "$project_limit" \
        dotnet test "$project" --no-build -c Release --nologo --results-directory "$results" --logger "trx;LogFileName=$name.trx" </dev/null || status=$?

    local total ok bad
    total=$(counter "$trx" total)
    ok=$(counter "$trx" passed)
    bad=$(($(counter "$trx" failed) + $(counter "$trx" error) + $(counter "$trx" timeout) + $(counter "$trx" aborted)))
    skipped=$((skipped + total - ok - bad))
    if ((total == 0)); then
        echo "$name: no test ran"
        bad=$((bad + 1))
    elif ((status != 0 && bad == 0)); then
        # The test host died or hung: tests are missing from the results.
        echo "$name: did not finish (exit code $status)"
        bad=$((bad + 1))
    fi

    passed=$((passed + ok))
    failed=$((failed + bad))
}

# One number of a result file's <Counters total="3" passed="3" …/>; 0 if there is none.
counter() {
    local value
    value=$(grep -o '<Counters [^>]*>' "$1" 2>/dev/null | grep -o " $2=\"[0-9]*\"" | grep -o '[0-9]\+')
    echo "${value:-0}"
}

main
