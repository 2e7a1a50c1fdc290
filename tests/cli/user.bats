#!/usr/bin/env bats
# tp-user: people, their passwords and their lives; who acts; what a bound login sees.
bats_require_minimum_version 1.5.0
load ../lib/pg

setup_file() {
    pg_wanted || return 0
    pg_start
}

teardown_file() {
    pg_stop
}

setup() {
    not_skipped
    PATH=${TP_BUILD:-$PWD}:$BATS_TEST_DIRNAME/../../build:$PATH # make check runs in the build folder
    unset TP_USER TP_DSN TP_OUTPUT
    pg_fresh_db "user_$BATS_TEST_NUMBER"
}

add() {
    tp-user add "$1" --no-password | jq -r .id
}

@test "a new user is printed as a record without any hash, and listed" {
    run -0 --separate-stderr tp-user add ann@example.com --name Ann --timezone Europe/Madrid \
        --preferences '{"a":1}' <<<'correct horse'
    [ "$(jq -r '[.type, .email, .full_name, .timezone, .is_active, .preferences.a] | @csv' <<<"$output")" = \
        '"user","ann@example.com","Ann","Europe/Madrid",true,1' ]
    [[ $output != *password* && $output != *'$2b$'* ]]
    [ "$(tp-user list | jq -r .email)" = ann@example.com ]
    [[ $(pg_psql -c 'select password_hash from tp.users') =~ ^\$2b\$12\$.{53}$ ]]
}

@test "a password comes from stdin or a descriptor, and is checked against its hash" {
    printf 'correct horse\n' | tp-user add ann@example.com
    run -0 tp-user verify ann@example.com <<<'correct horse'
    [ "$(jq .last_login <<<"$output")" != null ]
    run -5 --separate-stderr tp-user verify ann@example.com <<<'correct hors'
    [ "$stderr" = 'tp-user: error: the password does not match' ]
    tp-user passwd ann@example.com --password-fd 5 5<<<'battery staple' >/dev/null
    run -5 tp-user verify ann@example.com <<<'correct horse'
    run -0 tp-user verify ann@example.com --password-fd 6 6<<<'battery staple'
    run -2 tp-user verify ann@example.com --password-fd 77
    # The program's own descriptors, its connection for one, are none to read a password from.
    for fd in {3..20}; do
        # shellcheck disable=SC2016 # the inner shell closes what this one has open
        run -2 --separate-stderr timeout 10 bash -c 'for n in {3..20}; do exec {n}>&-; done
            tp-user verify ann@example.com --password-fd "$1"' - $fd </dev/null
        [[ $stderr == *"descriptor $fd"* ]]
    done
}

@test "passwords that bcrypt would cut, empty ones and those with NUL are refused" {
    run -3 --separate-stderr tp-user add a@example.com < <(printf '%073d\n' 0)
    [[ $stderr == *"longer than 72 bytes"* ]]
    run -3 tp-user add a@example.com <<<''
    run -3 tp-user add a@example.com < <(printf 'correct\0horse\n')
    run -3 tp-user add a@example.com <<<'short'
    [ -z "$(tp-user list)" ]
}

@test "no option takes a password, and none is told in a message" {
    run -2 --separate-stderr tp-user add a@example.com --password CANARY
    run -0 tp-user add --help
    [[ $output != *"--password "* ]]
}

@test "what is no address, zone or object is refused with the option's name" {
    run -2 tp-user add ann --no-password
    run -2 tp-user add 'a b@example.com' --no-password
    run -2 --separate-stderr tp-user add a@example.com --no-password --timezone Mars/Olympus
    [[ $stderr == *"--timezone: there is no time zone 'Mars/Olympus'"* ]]
    run -2 --separate-stderr tp-user add a@example.com --no-password --preferences '[1]'
    [[ $stderr == *"--preferences: want a JSON object"* ]]
    run -2 tp-user add a@example.com --no-password --name $'\xff'
    [ -z "$(tp-user list)" ]
}

@test "an address belongs to one live user, in any case" {
    add ann@example.com
    run -5 --separate-stderr tp-user add ANN@example.com --no-password
    [ "$stderr" = 'tp-user: error: a live user has that e-mail address' ]
    add bob@example.com
    run -5 tp-user set bob@example.com --email Ann@Example.com
}

@test "a user is shown by address or id, and an unknown one is exit 4 with a hint" {
    id=$(add ann@example.com)
    [ "$(tp-user show "$id" | jq -r .email)" = ann@example.com ]
    [ "$(tp-user show ANN@EXAMPLE.COM | jq -r .id)" = "$id" ]
    run -4 --separate-stderr tp-user show "x' or '1'='1"
    [[ $stderr == *"there is no user 'x' or '1'='1'"*"tp-user list"* ]]
}

@test "set changes what is given and nothing else" {
    tp-user add ann@example.com --no-password --name Ann --timezone Europe/Madrid
    run -0 tp-user set ann@example.com --timezone UTC --inactive
    [ "$(jq -r '[.full_name, .timezone, .is_active] | @csv' <<<"$output")" = '"Ann","UTC",false' ]
    run -2 tp-user set ann@example.com
    run -2 tp-user set ann@example.com --active --inactive
}

@test "deactivate asks, restore undoes it, and a taken address is refused" {
    id=$(add ann@example.com)
    run -2 --separate-stderr tp-user deactivate ann@example.com </dev/null
    [[ $stderr == *"add --yes"* ]]
    tp-user deactivate ann@example.com --yes
    [ -z "$(tp-user list)" ]
    [ "$(tp-user list --deleted | jq -r .id)" = "$id" ]
    tp-user restore ann@example.com
    [ "$(tp-user list | jq -r .id)" = "$id" ]
    tp-user deactivate ann@example.com --yes
    add ann@example.com
    run -5 tp-user restore "$id"
    run -2 tp-user show ann@example.com
}

@test "erase empties what names the person and cannot be undone" {
    id=$(add ann@example.com)
    tp-user erase ann@example.com --yes
    run -0 tp-user show "$id"
    [[ $output != *ann* ]]
    run -5 tp-user restore "$id"
    run -5 tp-user erase "$id" --yes
}

@test "a legal hold stops an erasure" {
    id=$(add ann@example.com)
    pg_psql -c "insert into tp.legal_holds (user_id, reason, placed_by) values ('$id', 'tax', 'test')"
    run -5 --separate-stderr tp-user erase ann@example.com --yes
    [ "$stderr" = 'tp-user: error: the user is under a legal hold' ]
}

@test "without a name the only live user is found, with several nobody" {
    first=$(add ann@example.com)
    [ "$(pg_psql -c 'set role tp_app' -c 'select tp.find_user(null)')" = "$first" ]
    add bob@example.com
    [ "$(pg_psql -c 'set role tp_app' -c 'select count(*) from tp.find_user(null)')" = 2 ]
    [ "$(pg_psql -c 'set role tp_app' -c "select tp.find_user('ANN@example.com')")" = "$first" ]
    tp-user set bob@example.com --inactive
    [ "$(pg_psql -c 'set role tp_app' -c 'select tp.find_user(null)')" = "$first" ]
}

@test "a bound login finds and sees its own user only" {
    ann=$(add ann@example.com)
    bob=$(add bob@example.com)
    login="app_$BATS_TEST_NUMBER"
    pg_psql -c "create role $login login in role tp_app" \
        -c "insert into tp.login_users (login, user_id) values ('$login', '$ann')"
    as_login() { PGUSER=$login pg_psql -c 'set role tp_app' -c "select set_config('app.user_id', '$bob', false)" -c "$1" | tail -n +2; }
    [ "$(as_login 'select id from tp.users')" = "$ann" ]
    [ "$(as_login 'select tp.find_user(null)')" = "$ann" ]
    [ -z "$(as_login "select tp.find_user('bob@example.com')")" ]
    [ -z "$(as_login "update tp.users set full_name = 'x' where id = '$bob' returning id")" ]
    [ -z "$(as_login "insert into tp.users (email, password_hash) values ('c@example.com', '!') returning id" 2>/dev/null)" ]
    [ "$(tp-user list | wc -l)" = 2 ]
}

@test "tp-user needs a login that may be tp_service" {
    login="poor_$BATS_TEST_NUMBER"
    pg_psql -c "create role $login login in role tp_app"
    PGUSER=$login run ! --separate-stderr tp-user list
    [ -z "$output" ]
}
