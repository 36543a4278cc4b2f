#include "habit.h"

namespace whittle::oracle {

std::string_view HabitName(Habit habit) {
  constexpr std::array<std::string_view, kHabitCount> kNames = {
      "ignored-member (docker < 23)",
      "ignored-member (oci)",
      "not-selected",
      "archMap",
      "archMap without a name for the architecture",
      "dropped: a rule without names (podman)",
      "errno as podman writes it",
      "unconfined",
      "refused: the loader",
      "refused: no default action",
      "refused: errno",
      "refused: flags",
      "refused: action",
      "refused: notify",
      "refused: empty or missing name",
      "refused: misplaced errno",
      "refused: architecture",
      "refused: redundant rule",
      "refused: clash",
      "EPERM",
      "redundant-rule",
      "unknown-name",
      "split-conditions",
      "six-conditions",
      "shadowed-rule",
      "covered rule",
      "order",
      "narrow-arguments",
      "masked-value",
      "companion",
      "foreign-abi",
      "enosys-stub",
      "enosys-stub, number 0",
  };
  return kNames[static_cast<size_t>(habit)];
}

}  // namespace whittle::oracle
