# The main job on a real nginx, step by step, with the same commands that a user types: record under load, generate, verify,
# run under the profile with the same load, attack, report. Used by scripts/quickstart and scripts/acceptance/main-job.sh.
# Source after common.sh, engine.sh and nginx.sh. WHITTLE is the program; OUT the folder for what is made.
#
# Afterwards $OUT holds: nginx.evidence.json, profile.json, enforced.evidence.json, attacks.json, answers.before,
# answers.after, report.html, report.txt.

main_job_name=whittle-demo-nginx

# Shows a command and runs it.
show_and_run() {
  printf '\n$ %s\n' "$(printf '%q ' "$@" | sed "s#$WHITTLE#whittle#; s# \$##")" >&2
  "$@"
}

# The attack program, linked statically so that it runs in any container.
main_job_attack_program() {
  gcc -static -O1 -o "$OUT/attack" scripts/demo/attack.c
}

# wait_for_line FILE REGEX SECONDS
wait_for_line() {
  local waited=0
  until grep -qE "$2" "$1" 2>/dev/null; do
    waited=$((waited + 1))
    [ "$waited" -lt $(($3 * 10)) ] || return 1
    sleep 0.1
  done
}

# main_job_container_life EVIDENCE ANSWERS SECCOMP COMMAND...: records one life of the container, armed before it exists,
# through the load and then COMMAND, until it has stopped. SECCOMP: a profile, or "unconfined".
main_job_container_life() {
  local evidence=$1 answers=$2 seccomp=$3
  shift 3
  "$DOCKER" rm -f "$main_job_name" > /dev/null 2>&1 || true
  local record=(record --container "$main_job_name" --wait --exercised reload --exercised log-rotation -o "$evidence")
  [ "$seccomp" = unconfined ] || record+=(--denials)
  printf '\n$ whittle %s &\n' "${record[*]}" >&2
  "$WHITTLE" "${record[@]}" 2> "$evidence.log" &
  local recorder=$!
  wait_for_line "$evidence.log" 'armed' 15 || { cat "$evidence.log" >&2; return 1; }
  # shellcheck disable=SC2046
  show_and_run "$DOCKER" run -d --name "$main_job_name" --security-opt "seccomp=$seccomp" \
    $(nginx_container_arguments "$OUT/nginx") whittle-nginx -c "$OUT/nginx/nginx.conf" > /dev/null
  nginx_load "$OUT/nginx" main_job_signal > "$answers"
  "$@"
  "$DOCKER" stop "$main_job_name" > /dev/null
  wait "$recorder" || { cat "$evidence.log" >&2; return 1; }
  cat "$evidence.log" >&2
  "$DOCKER" rm -f "$main_job_name" > /dev/null
}

main_job_signal() { "$DOCKER" kill -s "$1" "$main_job_name"; }

main_job_attack_container() {
  "$DOCKER" cp "$OUT/attack" "$main_job_name:/attack"
  show_and_run "$DOCKER" exec "$main_job_name" /attack > "$OUT/attacks.json"
}

main_job_container() {
  nginx_site "$OUT/nginx"
  nginx_image whittle-nginx
  main_job_attack_program
  main_job_container_life "$OUT/nginx.evidence.json" "$OUT/answers.before" unconfined true
  main_job_profile
  main_job_container_life "$OUT/enforced.evidence.json" "$OUT/answers.after" "$OUT/profile.json" true
  NGINX_CYCLES=1 main_job_container_life "$OUT/attacked.evidence.json" "$OUT/answers.attacked" "$OUT/profile.json" \
    main_job_attack_container
  main_job_report
}

main_job_profile() {
  show_and_run "$WHITTLE" generate "$OUT/nginx.evidence.json" -o "$OUT/profile.json" "$@"
  show_and_run "$WHITTLE" verify "$OUT/profile.json" "$OUT/nginx.evidence.json" "$@"
}

main_job_report() {
  cmp -s "$OUT/answers.before" "$OUT/answers.after" ||
    { diff "$OUT/answers.before" "$OUT/answers.after" >&2; fail 1 "nginx answered differently under the profile"; }
  show_and_run "$WHITTLE" report "$OUT/nginx.evidence.json" --profile "$OUT/profile.json" \
    --after "$OUT/enforced.evidence.json" --attacks "$OUT/attacks.json" --html "$OUT/report.html" "$@" > "$OUT/report.txt"
}

# The same without any engine: nginx as a plain process tree.
main_job_process_life() {
  local evidence=$1 answers=$2
  shift 2
  show_and_run "$@" -- /usr/sbin/nginx -p "$OUT/nginx" -c "$OUT/nginx/nginx.conf" -g 'daemon off;' 2> "$evidence.log" &
  local command=$!
  nginx_load "$OUT/nginx" main_job_signal_process > "$answers"
  main_job_signal_process QUIT
  wait "$command" || { cat "$evidence.log" >&2; return 1; }
  cat "$evidence.log" >&2
}

main_job_signal_process() { kill -s "$1" "$(cat "$OUT/nginx/run/nginx.pid")"; }

main_job_process() {
  nginx_site "$OUT/nginx"
  main_job_attack_program
  main_job_process_life "$OUT/nginx.evidence.json" "$OUT/answers.before" "$WHITTLE" record \
    --exercised reload --exercised log-rotation -o "$OUT/nginx.evidence.json"
  main_job_profile --runtime none
  main_job_process_life "$OUT/enforced.evidence.json" "$OUT/answers.after" \
    "$WHITTLE" run --profile "$OUT/profile.json" --evidence "$OUT/enforced.evidence.json"
  show_and_run "$WHITTLE" run --profile "$OUT/profile.json" -- "$OUT/attack" > "$OUT/attacks.json"
  main_job_report --runtime none
}
