# Makes the completion file of one program for one shell.
#   PROGRAM --dump-options | awk -v shell=bash|zsh|fish -f completions/generate.awk
BEGIN { FS = "\t" }

$1 == "program" { program = $2; id = $2; gsub(/-/, "_", id) }
$1 == "command" { command[++commands] = $2; about[commands] = $4 }
$1 == "option"  {
    n++
    of[n] = $2; letter[n] = $3 == "-" ? "" : $3; name[n] = $4; value[n] = $5; choices[n] = $6
    kind[n] = $8; help[n] = $10
}

END { if (shell == "bash") bash(); else if (shell == "zsh") zsh(); else fish() }

function first_words(    c, w, seen, out) {
    for (c = 1; c <= commands; c++) {
        w = command[c]
        sub(/ .*/, "", w)
        if (w != "" && !(w in seen)) { seen[w] = 1; out = out (out == "" ? "" : " ") w }
    }
    return out
}

function second_words(first,    c, p, out) {
    for (c = 1; c <= commands; c++)
        if (split(command[c], p, " ") == 2 && p[1] == first) out = out (out == "" ? "" : " ") p[2]
    return out
}

function bash(    c, o, names, values, seen, p, w, key) {
    print "# Made by completions/generate.awk from " program " --dump-options."
    print "_" id "() {"
    print "    local cur=$2 prev=$3 command=${COMP_WORDS[1]} next=${COMP_WORDS[2]}"
    print "    local words=" q(first_words())
    print "    # readline takes --option=word apart at the equals sign"
    print "    [ \"$cur\" != = ] || { prev== cur=; }"
    print "    [ \"$prev\" != = ] || prev=${COMP_WORDS[COMP_CWORD - (${#cur} ? 2 : 1)]}"
    print "    case $prev in"
    for (o = 1; o <= n; o++) {
        if (value[o] == "" || (name[o] in seen)) continue
        seen[name[o]] = 1
        key = "--" name[o] (letter[o] != "" ? " | -" letter[o] : "")
        if (choices[o] != "") print "    " key ") mapfile -t COMPREPLY < <(compgen -W " q(choices[o]) " -- \"$cur\"); return ;;"
        else if (kind[o] == "dir") print "    " key ") mapfile -t COMPREPLY < <(compgen -d -- \"$cur\"); return ;;"
        else if (kind[o] == "file") print "    " key ") mapfile -t COMPREPLY < <(compgen -f -- \"$cur\"); return ;;"
        else print "    " key ") return ;;"
    }
    print "    esac"
    print "    if [ \"$COMP_CWORD\" -gt 1 ]; then"
    print "        words=" q(names_of("*"))
    print "        case \"$command $next\" in"
    for (c = 1; c <= commands; c++)
        if (command[c] ~ / /) print "        " q(command[c]) ") words+=" q(" " names_of(command[c])) " ;;"
    for (c = 1; c <= commands; c++)
        if (command[c] !~ / /) print "        \"" command[c] " \"*) words+=" q(" " names_of(command[c])) " ;;"
    for (c = 1; c <= commands; c++) {
        split(command[c], p, " ")
        if (command[c] ~ / / && !(p[1] in w)) {
            w[p[1]] = 1
            print "        \"" p[1] " \"*) [ \"$COMP_CWORD\" != 2 ] || words=" q(second_words(p[1])) " ;;"
        }
    }
    print "        esac"
    print "        if [[ $cur != -* && $words == --* ]]; then"
    print "            mapfile -t COMPREPLY < <(compgen -f -- \"$cur\")"
    print "            return"
    print "        fi"
    print "    fi"
    print "    mapfile -t COMPREPLY < <(compgen -W \"$words\" -- \"$cur\")"
    print "}"
    print "complete -F _" id " " program
}

function q(text) { gsub(/'/, "'\\''", text); return "'" text "'" }

function names_of(c,    o, out) {
    for (o = 1; o <= n; o++)
        if (of[o] == c && name[o] != "dump-options") out = out (out == "" ? "" : " ") "--" name[o]
    return out
}

function zsh_text(text) { gsub(/[\[\]:\\]/, "\\\\&", text); gsub(/'/, "'\\''", text); return text }

function zsh_options(c,    o, tail) {
    for (o = 1; o <= n; o++) {
        if ((of[o] != c && of[o] != "*") || name[o] == "dump-options") continue
        tail = ""
        if (value[o] != "")
            tail = ":" value[o] ":" (choices[o] != "" ? "(" choices[o] ")" : kind[o] == "dir" ? "_files -/" : kind[o] == "file" ? "_files" : "")
        printf " \\\n            '*--%s%s[%s]%s'", name[o], value[o] != "" ? "=" : "", zsh_text(help[o]), tail
    }
    print " \\\n            '*:file:_files' ;;"
}

function zsh(    c, w, seen) {
    print "#compdef " program
    print "# Made by completions/generate.awk from " program " --dump-options."
    print "local -a names"
    print "names=("
    for (c = 1; c <= commands; c++) {
        w = command[c]
        if (w ~ / /) sub(/ .*/, "", w)
        if (w != "" && !(w in seen)) {
            seen[w] = 1
            print "    '" w ":" zsh_text(command[c] == w ? about[c] : second_words(w)) "'"
        }
    }
    print ")"
    print "if (( CURRENT == 2 )); then"
    print "    _describe command names"
    print "    return"
    print "fi"
    print "case \"$words[2] $words[3]\" in"
    for (c = 1; c <= commands; c++)
        if (command[c] ~ / /) { printf "    '%s') _arguments", command[c]; zsh_options(command[c]) }
    for (c = 1; c <= commands; c++)
        if (command[c] !~ / /) { printf "    '%s '*) _arguments", command[c]; zsh_options(command[c]) }
    for (w in seen)
        if (second_words(w) != "") more[++m] = w
    sort_words(more, m)
    for (c = 1; c <= m; c++) print "    '" more[c] " '*) compadd " second_words(more[c]) " ;;"
    print "esac"
}

function sort_words(a, k,    i, j, t) {
    for (i = 2; i <= k; i++)
        for (j = i; j > 1 && a[j] < a[j - 1]; j--) { t = a[j]; a[j] = a[j - 1]; a[j - 1] = t }
}

function fish(    c, o, w, p, seen, when) {
    print "# Made by completions/generate.awk from " program " --dump-options."
    for (c = 1; c <= commands; c++) {
        w = command[c]
        if (w == "") continue
        if (split(w, p, " ") == 2) {
            if (!(p[1] in seen)) {
                seen[p[1]] = 1
                print "complete -c " program " -f -n __fish_use_subcommand -a " p[1] " -d " q(second_words(p[1]))
            }
            print "complete -c " program " -f -n " q("__fish_seen_subcommand_from " p[1] "; and not __fish_seen_subcommand_from " second_words(p[1])) " -a " p[2] " -d " q(about[c])
        } else {
            print "complete -c " program " -n __fish_use_subcommand -f -a " w " -d " q(about[c])
        }
    }
    for (o = 1; o <= n; o++) {
        if (name[o] == "dump-options") continue
        when = ""
        if (of[o] != "*" && of[o] != "") {
            when = "__fish_seen_subcommand_from "
            # "exchange list" is not "list"
            if (split(of[o], p, " ") == 2) when = when p[1] "; and __fish_seen_subcommand_from " p[2]
            else {
                when = when p[1]
                for (w in seen) when = when "; and not __fish_seen_subcommand_from " w
            }
            when = " -n " q(when)
        }
        print "complete -c " program when " -l " name[o] (letter[o] != "" ? " -s " letter[o] : "") \
            (value[o] != "" ? (kind[o] == "file" || kind[o] == "dir" ? " -r" : choices[o] != "" ? " -x -a " q(choices[o]) : " -x") : "") \
            " -d " q(help[o])
    }
}
