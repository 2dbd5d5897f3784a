# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright (C) 2026 The dmix authors
# shellcheck shell=bash
# Completion of dmix for bash: commands, the options that `--help` lists, files.
_dmix_commands() {
  dmix --help | sed -n 's/^  \([a-z]*\) .*/\1/p'
}
_dmix() {
  local word=${COMP_WORDS[COMP_CWORD]} command=${COMP_WORDS[1]} first=2
  COMPREPLY=()
  if [ "$command" = plan ] && [ "$COMP_CWORD" -gt 1 ]; then
    first=3 # a command stands behind it
  fi
  if [ "$COMP_CWORD" -lt "$first" ]; then
    mapfile -t COMPREPLY < <(compgen -W "$(_dmix_commands)" -- "$word")
    [ "$first" = 3 ] || [ "${word#-}" = "$word" ] ||
      mapfile -t COMPREPLY < <(compgen -W '--help --version' -- "$word")
  elif [ "${word#-}" != "$word" ]; then
    mapfile -t COMPREPLY < <(compgen -W \
      "$(dmix "${COMP_WORDS[@]:1:first-1}" --help | grep -oE -e '--[a-z-]+')" \
      -- "$word")
  fi
}
complete -o default -F _dmix dmix
