#include "lint/rule.h"

#include <algorithm>

#include "lint/rules.h"

namespace whittle::lint {
namespace {

using enum Severity;
using enum Needs;

constexpr Rule kRules[] = {
    {"byte-order-mark", kError, "The file starts with a byte order mark, which no loader takes.", kText,
     CheckByteOrderMark},
    {"json-syntax", kError, "The file is no valid JSON.", kText, CheckJsonSyntax},
    {"path-not-content", kError, "The content is the name of a file.", kText, CheckPathNotContent},
    {"double-encoded", kError, "The profile is inside a JSON string.", kTree, CheckDoubleEncoded},
    {"not-an-object", kError, "The JSON is no profile: a list, a number, another document.", kTree,
     CheckNotAnObject},
    {"wrapped-profile", kError,
     "The profile is inside a member of another object, so no filter is installed.", kTree,
     CheckWrappedProfile},
    {"invalid-member", kError, "A member has a value that no loader takes.", kTree, CheckInvalidMember},
    {"no-default-action", kError, "There is no defaultAction: no filter, or no start.", kDocument,
     CheckNoDefaultAction},
    {"odd-member", kError, "A member that loaders ignore, or read in different ways.", kDocument,
     CheckOddMember},
    {"unknown-name", kError, "A name is no system call: runtimes pass over it in silence.", kDocument,
     CheckUnknownName},
    {"newer-than-node-library", kWarning, "A call that the libseccomp of some place does not know yet.",
     kDocument, CheckNewerThanNodeLibrary},
    {"no-such-call-on-this-abi", kInfo, "An entry whose calls the profile's ABIs do not have.", kDocument,
     CheckNoSuchCallOnThisAbi},
    {"deny-has-no-effect", kError,
     "A call is forbidden that programs of an ABI do not make, and what they use instead stays open.",
     kDocument, CheckDenyHasNoEffect},
    {"missing-sibling", kWarning, "A call is allowed, and one that libraries use in its place is not.",
     kDocument, CheckMissingSibling},
    {"repeated-name", kInfo, "A name stands twice in one entry.", kDocument, CheckRepeatedName},
    {"empty-rule", kError, "An entry names no call, or an empty one.", kDocument, CheckEmptyRule},
    {"shadowed-rule", kWarning, "An entry that is never effective, since another one for the call wins.",
     kDocument, CheckShadowedRule},
    {"duplicate-rule", kInfo, "An entry that says again what another one says.", kDocument,
     CheckDuplicateRule},
    {"redundant-rule", kInfo, "An entry that does what the default does, and is dropped.", kDocument,
     CheckRedundantRule},
    {"always-true", kWarning, "A condition that every value fulfils.", kDocument, CheckAlwaysTrue},
    {"never-true", kWarning, "A condition that no value fulfils.", kDocument, CheckNeverTrue},
    {"mask-misses-value", kWarning, "A masked condition whose valueTwo has bits that the mask lacks.",
     kDocument, CheckMaskMissesValue},
    {"inverted-mask", kError, "A refusal of the calls that have none of the flags.", kDocument,
     CheckInvertedMask},
    {"alternatives", kError, "Two conditions on one argument are alternatives, not a range.", kDocument,
     CheckAlternatives},
    {"pointer-condition", kWarning, "A condition on the address of something.", kDocument,
     CheckPointerCondition},
    {"no-such-argument", kWarning, "A condition on an argument that the call does not take.", kDocument,
     CheckNoSuchArgument},
    {"int-argument-high-bits", kWarning, "A condition on an int that bits 32 to 63 slip past.", kDocument,
     CheckIntArgumentHighBits},
    {"signed-comparison", kWarning, "A signed argument is compared without sign.", kDocument,
     CheckSignedComparison},
    {"flag-equality", kWarning,
     "A refusal of one flag alone, or of several at once only, where they stand together.", kDocument,
     CheckFlagEquality},
    {"negative-int", kWarning, "A negative int in one of its two spellings, as AT_FDCWD.", kDocument,
     CheckNegativeInt},
    {"truncated-value", kWarning, "A value of which an ABI's filter compares the low half only.", kDocument,
     CheckTruncatedValue},
    {"more-than-six-conditions", kError, "More conditions than crun before 1.30 reads.", kDocument,
     CheckMoreThanSixConditions},
    {"miscompiled-shape", kWarning, "Conditions of a kind that libseccomp compiles wrongly.", kDocument,
     CheckMiscompiledShape},
    {"abi-missing", kWarning, "The 32-bit ABI of the machine is not listed: its programs are killed.",
     kDocument, CheckAbiMissing},
    {"socketcall-bypass", kError, "Values of arguments are filtered, and open through socketcall or ipc.",
     kDocument, CheckSocketcallBypass},
    {"clone3-bypass", kWarning, "clone is filtered by its flags, and clone3 is open with all.", kDocument,
     CheckClone3Bypass},
    {"io-uring-bypass", kWarning, "io_uring is open and does what is refused.", kDocument,
     CheckIoUringBypass},
    {"open-detour", kWarning, "A call is forbidden, and another one that reaches the same end is not.",
     kDocument, CheckOpenDetour},
    {"default-allows", kWarning, "What no rule names passes.", kDocument, CheckDefaultAllows},
    {"default-eperm-hides-new-calls", kWarning,
     "The default answers new calls with what libcs do not fall back on.", kDocument,
     CheckDefaultEpermHidesNewCalls},
    {"eperm-breaks-fallback", kWarning, "A call is refused with an errno on which libcs do not fall back.",
     kDocument, CheckEpermBreaksFallback},
    {"enosys-threshold", kWarning, "An entry without effect that moves runc's ENOSYS stub.", kDocument,
     CheckEnosysThreshold},
    {"errno-without-errno-action", kError, "An errno beside an action that has none.", kDocument,
     CheckErrnoWithoutErrnoAction},
    {"errno-zero", kWarning, "A refusal that tells the program that all went well.", kDocument,
     CheckErrnoZero},
    {"errno-not-inherited", kInfo, "An entry without an errno answers EPERM, whatever defaultErrnoRet says.",
     kDocument, CheckErrnoNotInherited},
    {"kill-thread", kWarning, "KILL_THREAD leaves programs with several threads half dead.", kDocument,
     CheckKillThread},
    {"trace-action", kWarning, "TRACE leaves the decision to a tracer.", kDocument, CheckTraceAction},
    {"log-lets-pass", kInfo, "LOG lets the call pass.", kDocument, CheckLogLetsPass},
    {"notify-write", kError, "NOTIFY for write, by which the listener is handed over.", kDocument,
     CheckNotifyWrite},
    {"notify-default", kError, "NOTIFY as the default action.", kDocument, CheckNotifyDefault},
    {"notify-without-listener", kError, "NOTIFY without a listenerPath.", kDocument,
     CheckNotifyWithoutListener},
    {"notify-runtime-calls", kInfo,
     "NOTIFY for calls that the runtime makes while it hands over the listener.", kDocument,
     CheckNotifyRuntimeCalls},
    {"notify-is-no-boundary", kInfo, "NOTIFY for a call with pointers, where CONTINUE can be raced.",
     kDocument, CheckNotifyIsNoBoundary},
    {"exclusive-fields", kError, "Two members of which docker and podman take one.", kDocument,
     CheckExclusiveFields},
    {"legacy-name-field", kError, "The old member `name`, which containerd does not read.", kDocument,
     CheckLegacyNameField},
    {"docker-extensions-ignored", kError,
     "Members of Docker's format, which containerd does not read in a Localhost profile.", kDocument,
     CheckDockerExtensionsIgnored},
    {"unknown-selector", kWarning, "A machine or a capability in includes or excludes that is none.",
     kDocument, CheckUnknownSelector},
    {"not-taken", kError, "A place refuses the profile.", kDocument, CheckNotTaken},
    {"loaders-differ", kWarning, "The profile means different things to different loaders.", kDocument,
     CheckLoadersDiffer},
    {"old-docker-ignores", kInfo, "A member that docker before 23.0 ignores.", kDocument,
     CheckOldDockerIgnores},
    {"filter-too-large", kError, "The filter has more instructions than the kernel takes.", kDocument,
     CheckFilterTooLarge},
    {"baseline-not-covered", kError, "The runtime's own calls are refused: no container starts.", kDocument,
     CheckBaselineNotCovered},
    {"newer-runtime-needs", kWarning,
     "Newer runtimes need more calls for a start than those that were measured.", kDocument,
     CheckNewerRuntimeNeeds},
    {"program-start-refused", kWarning, "What every program calls before its first own step is refused.",
     kDocument, CheckProgramStart},
    {"artifact-limits", kInfo, "More than Kubernetes will take as an OCI artifact.", kDocument,
     CheckArtifactLimits},
    {"yaml-syntax", kError, "The file is no valid YAML.", kManifest, CheckYamlSyntax},
    {"seccomp-field", kError, "A field about seccomp that is none, or in the wrong place.", kManifest,
     CheckSeccompField},
    {"seccomp-type", kError, "A seccompProfile without a type, or with one that is none.", kManifest,
     CheckSeccompType},
    {"localhost-profile-path", kError, "A Localhost profile without a path, or with one that is none.",
     kManifest, CheckLocalhostProfilePath},
    {"localhost-profile-unused", kError, "A localhostProfile beside another type than Localhost.", kManifest,
     CheckLocalhostProfileUnused},
    {"localhost-prefix", kWarning, "A path with the prefix of the old annotation.", kManifest,
     CheckLocalhostPrefix},
    {"seccomp-annotation", kError, "An annotation of old, which Kubernetes does not act on.", kManifest,
     CheckSeccompAnnotation},
    {"seccomp-unconfined", kWarning, "A pod or container that is to run without a filter.", kManifest,
     CheckSeccompUnconfined},
    {"seccomp-not-set", kWarning, "A container without a profile.", kManifest, CheckSeccompNotSet},
    {"privileged-unfiltered", kError, "A privileged container, which gets no filter.", kManifest,
     CheckPrivilegedUnfiltered},
    {"pod-level-localhost", kInfo, "A profile for all of a pod's containers, and those to come.", kManifest,
     CheckPodLevelLocalhost},
    {"windows-profile", kError, "A Windows pod with a profile.", kManifest, CheckWindowsProfile},
    {"pod-security", kError, "A pod that is refused at a level of Pod Security.", kManifest,
     CheckPodSecurity},
    {"profile-not-on-node", kError, "A profile that a node does not have.", kManifest, CheckProfileNotOnNode},
    {"stale-finalizer", kError, "A SeccompProfile object that waits for a node or a pod that is gone.",
     kManifest, CheckStaleFinalizer},
    {"stale-node-status", kWarning, "The status of a profile on a node that is gone.", kManifest,
     CheckStaleNodeStatus},
};

struct Page {
  std::string_view id, text;
};
constexpr Page kPages[] = {
#include "lint_pages.inc"
};

}  // namespace

std::span<const Rule> Rules() { return kRules; }

const Rule* FindRule(std::string_view id) {
  const auto rule = std::ranges::find(kRules, id, &Rule::id);
  return rule == std::end(kRules) ? nullptr : rule;
}

std::string_view PageOf(std::string_view id) {
  const auto page = std::ranges::find(kPages, id, &Page::id);
  return page == std::end(kPages) ? "" : page->text;
}

}  // namespace whittle::lint
