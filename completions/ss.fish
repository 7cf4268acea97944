# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later
# Completion of ss for fish: asks ss what the word can become.

function __sockeye_ss
    set -l words (commandline -opc)
    set -l program $words[1]
    set -l word (commandline -ct | string replace -r '^[\'"]' '')
    set -e words[1]
    for line in ($program --complete $words "$word" 2>/dev/null)
        switch $line
            case \tfiles
                set -l option (string match -r -- '^--[^=]*=' $word)
                __fish_complete_path (string replace -- "$option" '' $word) | string replace -r -- '^' "$option"
            case \t\*
            case '*'
                echo $line
        end
    end
end

complete -c ss -f -a '(__sockeye_ss)'
