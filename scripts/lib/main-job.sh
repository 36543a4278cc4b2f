# The main job on a real nginx, step by step, with the same commands that a user types: record under load, generate, verify,
# run under the profile with the same load, attack, report. Used by scripts/quickstart and scripts/acceptance/main-job.sh.
# Source after common.sh, engine.sh and servers.sh. WHITTLE is the program; OUT the folder for what is made.
#
# Afterwards $OUT holds: nginx.evidence.json, profile.json, enforced.evidence.json, attacks.json, answers.before,
# answers.after, report.html, report.txt.

# The attack program, linked statically so that it runs in any container.
main_job_attack_program() {
  gcc -static -O1 -o "$OUT/attack" scripts/demo/attack.c
}

main_job_attack_container() {
  "$DOCKER" cp "$OUT/attack" "$(server_container nginx):/attack"
  show_and_run "$DOCKER" exec "$(server_container nginx)" /attack > "$OUT/attacks.json"
}

main_job_container() {
  local folder=$OUT/nginx
  nginx_image whittle-nginx
  main_job_attack_program
  server_life nginx "$folder" "$OUT/nginx.evidence.json" "$OUT/answers.before" unconfined || return 1
  main_job_profile || return 1
  server_life nginx "$folder" "$OUT/enforced.evidence.json" "$OUT/answers.after" "$OUT/profile.json" || return 1
  SERVER_CYCLES=1 server_life nginx "$folder" "$OUT/attacked.evidence.json" "$OUT/answers.attacked" "$OUT/profile.json" \
    main_job_attack_container || return 1
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
  nginx_rounds "$OUT/nginx" main_job_signal_process > "$answers"
  main_job_signal_process QUIT
  wait "$command" || { cat "$evidence.log" >&2; return 1; }
  cat "$evidence.log" >&2
}

main_job_signal_process() { kill -s "$1" "$(cat "$OUT/nginx/run/nginx.pid")"; }

main_job_process() {
  nginx_prepare "$OUT/nginx"
  main_job_attack_program
  main_job_process_life "$OUT/nginx.evidence.json" "$OUT/answers.before" "$WHITTLE" record \
    --exercised reload --exercised log-rotation -o "$OUT/nginx.evidence.json"
  main_job_profile --runtime none
  main_job_process_life "$OUT/enforced.evidence.json" "$OUT/answers.after" \
    "$WHITTLE" run --profile "$OUT/profile.json" --evidence "$OUT/enforced.evidence.json"
  show_and_run "$WHITTLE" run --profile "$OUT/profile.json" -- "$OUT/attack" > "$OUT/attacks.json"
  main_job_report --runtime none
}

server_use nginx
