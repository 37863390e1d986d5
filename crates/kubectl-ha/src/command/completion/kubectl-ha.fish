# Completion of `kubectl-ha` in fish: kubectl-ha completion fish | source
# For `kubectl ha`, kubectl's own completion asks the program kubectl_complete-ha, which has to be in the PATH.
function __kubectl_ha_complete
    set -l before (commandline -opc)
    set -l last (commandline -ct)[1]
    set -l found ($before[1] __complete $before[2..] "$last" 2>/dev/null)
    if test "$found[-1]" = ":0"
        __fish_complete_path "$last"
        return
    end
    # fish replaces the whole word, so that an option has to stand before its value.
    set -l option (string match --regex -- '^--[a-z-]+=' "$last")
    for line in $found
        string match --quiet -- ':*' $line; or echo "$option$line"
    end
end
complete --command kubectl-ha --no-files --arguments '(__kubectl_ha_complete)'
