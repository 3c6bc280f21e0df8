# SPDX-License-Identifier: MIT
# shellcheck shell=bash
#
# Completion of the command asc.

_asc() {
	local commands="info compress decompress list verify view eval bench tune stat help"
	local topics="${commands% help} codecs files boxes tables exit-codes"
	local common="--backend --device --threads --json --quiet --verbose --help --version"
	local raw="--dtype --shape --layout"
	local codec="--codec --params $raw --order-from --params-from"
	local output="--output --stdout --force"
	local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD - 1]}
	local i word command='' options files

	COMPREPLY=()
	# bash takes = and , of -p apart, or not
	for ((i = 1; i < COMP_CWORD; i++)); do
		word=${COMP_WORDS[i]}
		case " $commands " in
		*" $word "*) command=$word; break ;;
		esac
	done

	case $prev in
	-b | --backend) mapfile -t COMPREPLY < <(compgen -W "auto hw sw" -- "$cur"); return ;;
	-C | --codec)
		mapfile -t COMPREPLY < <(compgen -W "asc-cbr asc-vbr ebpc dcac zvc raw auto" -- "$cur")
		return
		;;
	-d | --dtype) mapfile -t COMPREPLY < <(compgen -W "u8 s8 u16 s16 f16 bf16" -- "$cur"); return ;;
	--layout) mapfile -t COMPREPLY < <(compgen -W "nchw nhwc" -- "$cur"); return ;;
	-p | --params | --try)
		mapfile -t COMPREPLY < <(compgen -W "effort=best reorder=heuristic reorder=greedy
			zero_point= block= endpoints=one endpoints=two scale=linear scale=log
			profile=full profile=narrow profile=pooled max_error= target_bpe=" -- "$cur")
		compopt -o nospace 2> /dev/null
		return
		;;
	-s | --shape | -T | --threads | --box | --scale | --tensor | --channels | --repeats | \
		--min-sqnr | --max-error | --target-bpe | --zero-point) return ;;
	-o | --output | --order-from | --params-from | --plot | --device | --root)
		mapfile -t COMPREPLY < <(compgen -f -- "$cur")
		compopt -o filenames 2> /dev/null
		return
		;;
	esac

	case $command in
	'') options=$commands ;;
	info) options="--backend --json --doctor --root --quiet --verbose --help" ;;
	compress) options="$common $codec $output --keep --rm --scale" ;;
	decompress) options="$common $output --keep --rm --box --tensor" ;;
	list) options="--json --quiet --help" ;;
	verify) options="$common $codec" ;;
	view) options="$common $codec $output --tensor --channels" ;;
	eval) options="$common $raw --try --zero-point --csv --plot --force" ;;
	bench) options="$common $raw --try --zero-point --repeats" ;;
	tune)
		options="$common $raw $output --try --zero-point --min-sqnr --max-error --target-bpe
			--sysfs --root"
		;;
	stat) options="--device --json --clients --root --quiet --verbose --help" ;;
	help) options=$topics ;;
	esac
	if [[ $cur == -* || -z $command || $command == help ]]; then
		[[ -z $command && $cur == -* ]] && options=$common
		mapfile -t COMPREPLY < <(compgen -W "$options" -- "$cur")
		return
	fi
	case $command in
	info | stat) return ;;
	decompress | list) files='@(*.asc)' ;;
	view) files='@(*.npy|*.npz|*.safetensors|*.asc)' ;;
	*) files='@(*.npy|*.npz|*.safetensors)' ;;
	esac
	mapfile -t COMPREPLY < <(compgen -f -X "!$files" -- "$cur"; compgen -d -- "$cur")
	compopt -o filenames 2> /dev/null
}

shopt -s extglob
complete -F _asc asc
