#!/usr/bin/env bash
# One command for everything: restore, build, test. `./build.sh help` lists the rest.
#
# No -e here: each step's failure is answered where it happens, so that the last line is
# always the verdict, whatever stopped the tests.
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")" || exit 1

readonly SOLUTION=Relier.sln
# Debug, because it builds fastest and keeps line numbers in stack traces; packages and benchmarks are Release.
readonly CONFIGURATION=Debug
readonly INSTALL_SECONDS=300 BUILD_SECONDS=360 TEST_SECONDS=900 CHAOS_SECONDS=2400
readonly LOGS=artifacts/test-logs
# Advisories about packages are shown, and never stop a build that was fine yesterday.
readonly WARNINGS=(-warnaserror '-warnnotaserror:NU1901;NU1902;NU1903;NU1904')

# English, because the totals of a test run are read from its output.
export DOTNET_CLI_UI_LANGUAGE=en DOTNET_NOLOGO=1 DOTNET_CLI_TELEMETRY_OPTOUT=1 TESTINGPLATFORM_TELEMETRY_OPTOUT=1
# Every project is culture-invariant; so the SDK itself needs no ICU on the machine either.
export DOTNET_SYSTEM_GLOBALIZATION_INVARIANT=1
# Build nodes that outlive the build keep a caller's pipe open, and CI waiting.
export MSBUILDDISABLENODEREUSE=1
# A service account may have no HOME, and the SDK does not start without one.
export HOME="${HOME:-/tmp}"

help() {
    cat <<'TEXT'
./build.sh               restore, build (Debug, warnings are errors) and test: the same as `test`
./build.sh test          installs PostgreSQL when it is missing and we are root on Debian or Ubuntu,
                         builds, runs every test project one after the other.
                         The last line is `N passed, N failed`. A skipped or inconclusive test, a test
                         project without tests, a crash, and whatever kept the tests from running each
                         count as one failure; the exit code is 0 only when nothing failed.
./build.sh chaos         builds, and runs the tests of crashes, lost connections, broken providers, poisoned jobs and
                         scarce resources (tests/Scenarios/Chaos) with their full numbers, some fifteen minutes; `test` runs
                         them with small ones. The verdict is that of `test`.
./build.sh pack          NuGet packages (Release) into artifacts/packages
./build.sh bench [args]  the benchmarks (Release); args are passed on
./build.sh help          this text

RELIER_SIMULATION_SEEDS  how many seeds the simulation runs; absent: 200
RELIER_CHAOS             `full`: what `chaos` sets, for running one of its tests by itself
RELIER_POSTGRES_BIN      the directory of initdb, pg_ctl, postgres and psql; absent: the newest under
                         /usr/lib/postgresql, else the one on the PATH
TEXT
}

# bounded SECONDS COMMAND…: the command and all its children are killed when the time is up (status 137).
# In the background, so that Ctrl+C reaches `wait` and the trap can end the group, which is not the terminal's.
bounded() {
    timeout --signal=KILL "$@" &
    group=$!
    wait "$group"
}
group=
trap '[ -z "$group" ] || kill -KILL -- "-$group" 2>/dev/null; exit 130' INT TERM

# stage NAME SECONDS COMMAND…
stage() {
    local name=$1 seconds=$2 begin=$SECONDS status
    shift 2
    echo "== $name"
    bounded "$seconds" "$@"
    status=$?
    [ "$status" -ne 137 ] || echo "$name was stopped: it took more than $seconds s."
    echo "== $name: $((SECONDS - begin)) s"
    return "$status"
}

find_sdk() {
    local wanted directory
    wanted=$(sed -n 's/.*"version": *"\([^"]*\)".*/\1/p' global.json)
    if ! command -v dotnet >/dev/null; then
        for directory in "${DOTNET_ROOT:-}" "$HOME/.dotnet" /usr/share/dotnet /usr/lib/dotnet; do
            [ -x "$directory/dotnet" ] && PATH="$directory:$PATH" && break
        done
    fi
    # In this directory dotnet obeys global.json, and fails when no installed SDK satisfies it.
    dotnet --version >/dev/null 2>&1 && return
    echo "Relier needs the .NET SDK $wanted or a newer ${wanted%.*}.x, and found $(dotnet --list-sdks 2>/dev/null | awk '{ printf "%s%s", sep, $1; sep = ", " } END { if (!NR) printf "none" }'); get it from https://dotnet.microsoft.com/download/dotnet/10.0"
    return 1
}

has_postgres() {
    local program
    for program in initdb pg_ctl postgres psql; do
        [ -x "$1/$program" ] || return 1
    done
}

# Sets and exports RELIER_POSTGRES_BIN.
find_postgres() {
    local directory on_path
    if [ -n "${RELIER_POSTGRES_BIN:-}" ]; then
        has_postgres "$RELIER_POSTGRES_BIN" && export RELIER_POSTGRES_BIN
        return
    fi
    on_path=$(readlink -f "$(command -v initdb)" 2>/dev/null)
    for directory in $(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort --version-sort --reverse) "${on_path%/*}"; do
        has_postgres "$directory" && export RELIER_POSTGRES_BIN="$directory" && return
    done
    return 1
}

apt_install() {
    DEBIAN_FRONTEND=noninteractive apt-get install --yes --no-install-recommends postgresql
}
export -f apt_install

need_postgres() {
    find_postgres && return
    if [ -n "${RELIER_POSTGRES_BIN:-}" ]; then
        echo "RELIER_POSTGRES_BIN is $RELIER_POSTGRES_BIN, where initdb, pg_ctl, postgres and psql are not all found."
        return 1
    fi
    if [ "$(id -u)" -ne 0 ] || ! command -v apt-get >/dev/null; then
        echo "The tests need a PostgreSQL server (they start their own cluster). Install it, for example with"
        echo "    sudo apt-get install postgresql"
        echo "or set RELIER_POSTGRES_BIN to the directory that has initdb, pg_ctl, postgres and psql."
        return 1
    fi
    # The package lists are fetched only when what is there does not do.
    stage "install PostgreSQL" $INSTALL_SECONDS \
        bash -c 'apt_install >/dev/null 2>&1 || { apt-get update && apt_install; }' || return
    find_postgres && return
    echo "PostgreSQL was installed, but initdb, pg_ctl, postgres and psql are not found under /usr/lib/postgresql."
    return 1
}

passed=0
failed=0
fail() {
    echo "$*"
    failed=$((failed + 1))
}

# The summary stands last; what a test prints cannot come after it.
total() {
    awk -v name="$2:" '/^Test run summary:/ { value = "" } $1 == name && NF == 2 { value = $2 } END { print value }' "$1"
}

# run_tests_of PROJECT SECONDS [ARGUMENT…]
run_tests_of() {
    local project=$1 limit=$2 name log begin=$SECONDS status ran ok bad skipped
    name=$(basename "$project" .csproj)
    log="$LOGS/$name.log"
    echo "== test $name"
    # To a file, not a pipe: a process that a test left behind could hold a pipe open for ever.
    bounded "$limit" dotnet test --project "$project" --configuration $CONFIGURATION --no-build \
        --no-ansi --no-progress --output Detailed "${@:3}" >"$log" 2>&1
    status=$?
    # The log has every test; the screen has what did not pass, and the summary.
    awk '/^passed / { hidden = 1; next } /^[^ ]/ { hidden = 0 } !hidden' "$log"
    echo "== test $name: $((SECONDS - begin)) s"

    if [ "$status" -eq 137 ] && ! grep -q '^Test run summary:' "$log"; then
        passed=$((passed + $(grep -c '^passed ' "$log")))
        failed=$((failed + $(grep -c '^failed ' "$log")))
        fail "$name was stopped: its time was $limit s. Finished last: $(grep -E '^(passed|failed|skipped) ' "$log" | tail -n 1). See $log"
        return
    fi
    ran=$(total "$log" total) ok=$(total "$log" succeeded) bad=$(total "$log" failed) skipped=$(total "$log" skipped)
    if ! [[ "$ran" =~ ^[0-9]+$ && "$ok" =~ ^[0-9]+$ && "$bad" =~ ^[0-9]+$ && "$skipped" =~ ^[0-9]+$ ]] ||
        [ "$ran" -ne $((ok + bad + skipped)) ]; then
        fail "$name: its totals cannot be read (exit code $status). See $log"
        return
    fi
    passed=$((passed + ok))
    failed=$((failed + bad))
    [ "$skipped" -eq 0 ] || { echo "$name: $skipped skipped or inconclusive, and a test that does not run proves nothing."; failed=$((failed + skipped)); }
    if [ "$ran" -eq 0 ]; then
        fail "$name ran no test (exit code $status)."
    elif [ "$status" -ne 0 ] && [ "$bad" -eq 0 ]; then
        fail "$name ended with exit code $status though no test failed. See $log"
    fi
}

# One project after the other: they start processes and measure time.
run_tests() {
    local projects project deadline=$((SECONDS + TEST_SECONDS)) left
    mapfile -t projects < <(grep -l '<IsTestProject>true' tests/*/*.csproj)
    [ "${#projects[@]}" -gt 0 ] || fail "There is no test project under tests/."
    rm -rf "$LOGS"
    mkdir -p "$LOGS"
    for project in "${projects[@]}"; do
        left=$((deadline - SECONDS))
        if [ "$left" -le 0 ]; then
            fail "$project did not run: the tests together may take $TEST_SECONDS s."
        else
            run_tests_of "$project" "$left"
        fi
    done
}

build() {
    stage build $BUILD_SECONDS dotnet build $SOLUTION --configuration $CONFIGURATION "${WARNINGS[@]}" --verbosity minimal
}

# verdict_of COMMAND…: what it proves, once everything is there and built.
verdict_of() {
    if ! find_sdk; then
        fail "Nothing was built."
    elif ! need_postgres; then
        fail "Nothing was built."
    elif ! build; then
        fail "No test ran: the build failed."
    else
        "$@"
    fi
    echo "$passed passed, $failed failed"
    [ "$failed" -eq 0 ]
}

run_chaos() {
    mkdir -p "$LOGS"
    RELIER_CHAOS=full run_tests_of tests/Scenarios/Relier.Scenarios.csproj $CHAOS_SECONDS --filter 'FullyQualifiedName~Scenarios.Chaos'
}

pack() {
    find_sdk || return
    # Yesterday's packages would be pushed with today's. ContinuousIntegrationBuild keeps this machine's paths out of them.
    rm -rf artifacts/packages
    stage pack $BUILD_SECONDS dotnet pack $SOLUTION --configuration Release "${WARNINGS[@]}" -p:ContinuousIntegrationBuild=true \
        --verbosity minimal --output artifacts/packages || return
    ls artifacts/packages
}

bench() {
    find_sdk || return
    find_postgres || echo "PostgreSQL is not found; benchmarks that need it will say so."
    dotnet run --configuration Release --project tests/Benchmarks -- "$@"
}

case "${1:-test}" in
    test) verdict_of run_tests ;;
    chaos) verdict_of run_chaos ;;
    pack) pack ;;
    bench) bench "${@:2}" ;;
    help | -h | --help) help ;;
    *)
        help >&2
        exit 2
        ;;
esac
