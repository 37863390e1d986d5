# Completion of `kubectl-ha` in bash: source <(kubectl-ha completion bash)
# For `kubectl ha`, kubectl's own completion asks the program kubectl_complete-ha, which has to be in the PATH.
_kubectl_ha() {
    local line directive=4
    COMPREPLY=()
    while IFS= read -r line; do
        case $line in
        :*) directive=${line#:} ;;
        *) COMPREPLY+=("${line%%$'\t'*}") ;;
        esac
    done < <("${COMP_WORDS[0]}" __complete "${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null)
    if [ "$directive" = 0 ]; then
        compopt -o default
    fi
}
complete -F _kubectl_ha kubectl-ha
