# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later
# Completion of ss for bash: asks ss what the word can become.

_sockeye_ss() {
	local line=${COMP_LINE:0:COMP_POINT} words=() blanks piece fixed word i

	# readline makes several words of one with = or : in it.
	for ((i = 0; i <= COMP_CWORD; i++)); do
		blanks=${line%%[![:blank:]]*}
		line=${line#"$blanks"}
		piece=${COMP_WORDS[i]}
		((i == COMP_CWORD)) && piece=$line
		line=${line#"$piece"}
		if [[ $i -eq 0 || -n $blanks ]]; then
			words+=("$piece")
		else
			words[-1]+=$piece
		fi
	done
	piece=${piece#[\'\"]}
	words=("${words[@]//[\'\"]/}")
	# What stands in front of what readline will replace.
	fixed=${words[-1]%"$piece"}
	[[ $piece == [=:] ]] && fixed=${words[-1]}

	COMPREPLY=()
	while IFS= read -r line; do
		word=${line%%$'\t'*}
		case $line in
		$'\tfiles') compopt -o default ;;
		$'\tlist') compopt -o nospace ;;
		*[=:] | *[=:]$'\t'*)
			[[ $word == *[=:] ]] && compopt -o nospace
			COMPREPLY+=("${word#"$fixed"}")
			;;
		*) COMPREPLY+=("${word#"$fixed"}") ;;
		esac
	done < <("$1" --complete "${words[@]:1}" 2>/dev/null)
}

complete -F _sockeye_ss ss
