# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later
# Completion of ss for bash: options and their arguments, states, words of filters. It asks nobody.

_sockeye_ss() {
	local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD - 1]}
	local tables="all inet tcp udp raw dccp sctp mptcp unix unix_stream unix_dgram unix_seqpacket packet
		packet_raw packet_dgram netlink tipc vsock vsock_stream vsock_dgram xdp smc"
	local states="all connected synchronized bucket big established syn-sent syn-recv fin-wait-1 fin-wait-2
		time-wait closed close-wait last-ack listening closing bound-inactive"
	local predicates="src dst sport dport dev fwmark cgroup autobound and or not state exclude"
	local options="--help --version --numeric --resolve --all --listening --bound-inactive --options --extended
		--memory --processes --threads --info --tipcinfo --summary --tos --cgroup --bpf --bpf-maps --bpf-map-id
		--events --context --contexts --net --ipv4 --ipv6 --packet --tcp --mptcp --sctp --udp --dccp --raw --unix --tipc --vsock --smc
		--xdp --family --kill --dry-run --no-header --no-queues --oneline --inet-sockopt --query --diag
		--filter --source --explain"

	COMPREPLY=()
	if [[ $cur == '=' ]]; then # --option=, which readline makes two words of
		cur=
	elif [[ $prev == '=' && ${COMP_WORDS[COMP_CWORD - 2]} == --* ]]; then
		prev=${COMP_WORDS[COMP_CWORD - 2]}
	fi
	case $prev in
	-f | --family)
		mapfile -t COMPREPLY < <(compgen -W "inet inet6 link unix netlink vsock tipc xdp smc" -- "$cur")
		;;
	--source)
		mapfile -t COMPREPLY < <(compgen -W "auto netlink bpf proc" -- "$cur")
		;;
	-A | --query | --socket)
		local done=
		[[ $cur == *,* ]] && done=${cur%,*},
		mapfile -t COMPREPLY < <(compgen -P "$done" -W "$tables" -- "${cur##*,}")
		compopt -o nospace
		;;
	-D | --diag | -F | --filter)
		mapfile -t COMPREPLY < <(compgen -f -- "$cur")
		compopt -o filenames
		;;
	-N | --net)
		mapfile -t COMPREPLY < <(compgen -W "$(ls /run/netns 2>/dev/null)" -- "$cur")
		;;
	state | exclude | excl)
		mapfile -t COMPREPLY < <(compgen -W "$states" -- "$cur")
		;;
	dev)
		mapfile -t COMPREPLY < <(compgen -W "$(ls /sys/class/net 2>/dev/null)" -- "$cur")
		;;
	*)
		if [[ $cur == -* ]]; then
			mapfile -t COMPREPLY < <(compgen -W "$options" -- "$cur")
		else
			mapfile -t COMPREPLY < <(compgen -W "$predicates" -- "$cur")
		fi
		;;
	esac
}

complete -F _sockeye_ss ss
