#!/usr/bin/env bats
# The configuration file: option, environment, file, default, in this order.
bats_require_minimum_version 1.5.0

setup() {
    PATH=${TP_BUILD:-$PWD}:$BATS_TEST_DIRNAME/../../build:$PATH # make check runs in the build folder
    unset TP_OUTPUT TP_USER TP_DSN TP_EXCHANGE
    export XDG_CONFIG_HOME=$BATS_TEST_TMPDIR
    mkdir "$XDG_CONFIG_HOME/tp"
    file=$XDG_CONFIG_HOME/tp/config.yaml
}

origin() {
    tp settings -o json | jq -r "select(.name == \"$1\") | [.origin, .key, .value] | @csv"
}

@test "an option comes before the environment, that before the file, that before the default" {
    [ "$(origin user)" = '"unset",,' ]
    printf 'output: csv\nuser: ann@example.com\n' >"$file"
    [ "$(origin user)" = '"config","user","ann@example.com"' ]
    run -0 tp settings
    [ "${lines[0]}" = name,origin,key,value ]
    [ "$(TP_USER=bob@example.com origin user)" = '"environment","TP_USER","bob@example.com"' ]
    TP_OUTPUT=json run -0 tp settings
    [[ ${lines[0]} == '{"type":"setting"'* ]]
    TP_OUTPUT=json run -0 tp settings -o csv
    [ "${lines[0]}" = name,origin,key,value ]
}

@test "secrets are shown as set or unset" {
    FERNET_KEY=CANARY PGPASSWORD=CANARY TP_DSN=postgres://u:CANARY@h/d run -0 tp settings -o json
    [[ $output != *CANARY* ]]
    [ "$(jq -r 'select(.name == "FERNET_KEY") | .value' <<<"$output")" = set ]
}

@test "a file that is damaged, or that others may write, is exit 2 with its name" {
    for bad in 'output: [csv' '- a' 'output: [csv]' 'output: wrong' $'output: csv\noutput: json'; do
        printf '%s\n' "$bad" >"$file"
        run -2 --separate-stderr tp settings
        [ -z "$output" ]
        [ -n "$stderr" ]
    done
    printf 'output: csv\n' >"$file"
    chmod 666 "$file"
    run -2 --separate-stderr tp settings
    [[ $stderr == *"config.yaml: others may write this file"* ]]
    rm "$file"
    ln -s config.yaml "$file"
    run -2 --separate-stderr tp settings
    [[ $stderr == *"config.yaml: Too many levels of symbolic links"* ]]
}

@test "no file, an empty one and keys of other programs are fine" {
    run -0 tp settings
    : >"$file"
    run -0 tp settings
    printf 'output: json\nother:\n  key: 1\n' >"$file"
    run -0 tp settings
}
