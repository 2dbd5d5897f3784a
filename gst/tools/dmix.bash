# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright (C) 2026 The dmix authors
# shellcheck shell=bash
# Completion of dmix for bash: commands, the options that `--help` lists, files.
_dmix() {
  local word=${COMP_WORDS[COMP_CWORD]} command=${COMP_WORDS[1]}
  COMPREPLY=()
  if [ "$COMP_CWORD" -eq 1 ]; then
    mapfile -t COMPREPLY < <(compgen -W \
      "$(dmix --help | sed -n 's/^  \([a-z]*\) .*/\1/p') --help --version" \
      -- "$word")
  elif [ "${word#-}" != "$word" ]; then
    mapfile -t COMPREPLY < <(compgen -W \
      "$(dmix "$command" --help | grep -oE -e '--[a-z-]+')" -- "$word")
  fi
}
complete -o default -F _dmix dmix
