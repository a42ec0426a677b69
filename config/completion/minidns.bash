# Completes minidns in bash: commands, options and their values come from the program itself, files from bash.
#
#     source config/completion/minidns.bash
#
# The Debian package installs it as /usr/share/bash-completion/completions/minidns.

_minidns() {
    local word=${COMP_WORDS[COMP_CWORD]} line=${COMP_LINE:0:COMP_POINT}
    line=${line#*[[:space:]]}
    mapfile -t COMPREPLY < <(compgen -W "$("${COMP_WORDS[0]}" "[suggest:${#line}]" "$line" 2>/dev/null)" -- "$word")
}

complete -o bashdefault -o default -F _minidns minidns
