#!/usr/bin/env bats
# What the shells offer after a program's name is what its option tables hold: no word more, none less.
bats_require_minimum_version 1.5.0

setup() {
    load ../lib/programs.bash
    programs_find
    offers=$build/generated/completions
    export HOME=$BATS_TEST_TMPDIR XDG_CONFIG_HOME=$BATS_TEST_TMPDIR XDG_DATA_HOME=$BATS_TEST_TMPDIR
}

# The commands that have a name.
named_commands_of() {
    commands_of "$1" | awk NF
}

# The long options of a command of a program, sorted.
options_of() {
    "$1" --dump-options | awk -F'\t' -v c="$2" \
        '$1 == "option" && ($2 == c || $2 == "*") && $4 != "dump-options" { print "--" $4 }' | sort -u
}

# What bash offers for the last of the words; the one before may be an option.
bash_offers() {
    local program=$1 COMP_WORDS COMP_CWORD COMPREPLY=()
    COMP_WORDS=("$@")
    COMP_CWORD=$(($# - 1))
    # shellcheck disable=SC1090
    source "$offers/bash/$program"
    "_${program//-/_}" "$program" "${COMP_WORDS[COMP_CWORD]}" "${COMP_WORDS[COMP_CWORD - 1]}"
    printf '%s\n' "${COMPREPLY[@]}"
}

@test "bash offers every command and nothing else" {
    for p in "${programs[@]}"; do
        diff <(named_commands_of "$p" | cut -d' ' -f1 | sort -u) <(bash_offers "$p" '' | sort)
        while IFS=' ' read -r first second; do
            [ -n "$second" ] || continue
            bash_offers "$p" "$first" '' | grep -qx -- "$second"
        done < <(named_commands_of "$p")
    done
}

@test "bash offers exactly the options of each command" {
    for p in "${programs[@]}"; do
        while IFS= read -r c; do
            # shellcheck disable=SC2086 # a command may be two words
            diff <(options_of "$p" "$c") <(bash_offers "$p" $c -- | sort) || { echo "$p $c"; return 1; }
        done < <(named_commands_of "$p")
    done
}

@test "bash offers the words of an option, after a blank and after an equals sign" {
    [ "$(bash_offers tp-user list --output '' | xargs)" = "json table csv" ]
    [ "$(bash_offers tp-user list -o t)" = table ]
    [ "$(bash_offers tp-user list --output = c)" = csv ]
    [ "$(bash_offers tp-user list --output = | xargs)" = "json table csv" ]
    [ -z "$(bash_offers tp-user add --name '')" ]
}

@test "bash offers files where an argument stands" {
    cd "$BATS_TEST_TMPDIR"
    touch candles.csv
    [ "$(bash_offers tp-prices import cand)" = candles.csv ]
}

@test "fish offers exactly the commands and options of each program" {
    command -v fish >/dev/null || skip "no fish on this machine"
    for p in "${programs[@]}"; do
        diff <(named_commands_of "$p" | cut -d' ' -f1 | sort -u) \
            <(fish -N -c "source $(printf '%q' "$offers/fish/$p.fish"); complete -C '$p '" | cut -f1 | sort -u)
        while IFS= read -r c; do
            diff <(options_of "$p" "$c") \
                <(fish -N -c "source $(printf '%q' "$offers/fish/$p.fish"); complete -C '$p $c --'" | cut -f1 | sort -u) \
                || { echo "$p $c"; return 1; }
        done < <(named_commands_of "$p")
    done
}

@test "zsh reads every completion and its lists hold each option" {
    command -v zsh >/dev/null || skip "no zsh on this machine"
    for p in "${programs[@]}"; do
        zsh -n "$offers/zsh/_$p"
        while IFS= read -r c; do
            # _arguments is replaced by a printer of what it is given.
            diff <(options_of "$p" "$c") <(zsh -f -c '
                _describe() { :; }
                _arguments() { print -l -- "$@"; }
                compadd() { print -l -- "$@"; }
                words=($2 ${=3} ""); CURRENT=$#words
                complete_it() { source $1; }; complete_it $1' zsh "$offers/zsh/_$p" "$p" "$c" | grep -oE '^\*--[a-z-]+' | tr -d '*' | sort -u) \
                || { echo "$p $c"; return 1; }
        done < <(named_commands_of "$p")
    done
}
