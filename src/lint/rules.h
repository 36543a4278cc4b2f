// The checks behind the table (rule.cc), one a rule. Each adds what it finds; none stops another.
#pragma once

#include "lint/subject.h"

namespace whittle::lint {

void CheckByteOrderMark(const Subject& subject, Sink& sink);
void CheckJsonSyntax(const Subject& subject, Sink& sink);
void CheckPathNotContent(const Subject& subject, Sink& sink);
void CheckDoubleEncoded(const Subject& subject, Sink& sink);
void CheckNotAnObject(const Subject& subject, Sink& sink);
void CheckWrappedProfile(const Subject& subject, Sink& sink);
void CheckInvalidMember(const Subject& subject, Sink& sink);
void CheckNoDefaultAction(const Subject& subject, Sink& sink);
void CheckOddMember(const Subject& subject, Sink& sink);
void CheckUnknownName(const Subject& subject, Sink& sink);
void CheckNewerThanNodeLibrary(const Subject& subject, Sink& sink);
void CheckNoSuchCallOnThisAbi(const Subject& subject, Sink& sink);
void CheckDenyHasNoEffect(const Subject& subject, Sink& sink);
void CheckMissingSibling(const Subject& subject, Sink& sink);
void CheckRepeatedName(const Subject& subject, Sink& sink);
void CheckEmptyRule(const Subject& subject, Sink& sink);
void CheckShadowedRule(const Subject& subject, Sink& sink);
void CheckDuplicateRule(const Subject& subject, Sink& sink);
void CheckRedundantRule(const Subject& subject, Sink& sink);
void CheckAlwaysTrue(const Subject& subject, Sink& sink);
void CheckNeverTrue(const Subject& subject, Sink& sink);
void CheckMaskMissesValue(const Subject& subject, Sink& sink);
void CheckInvertedMask(const Subject& subject, Sink& sink);
void CheckAlternatives(const Subject& subject, Sink& sink);
void CheckPointerCondition(const Subject& subject, Sink& sink);
void CheckNoSuchArgument(const Subject& subject, Sink& sink);
void CheckIntArgumentHighBits(const Subject& subject, Sink& sink);
void CheckSignedComparison(const Subject& subject, Sink& sink);
void CheckFlagEquality(const Subject& subject, Sink& sink);
void CheckNegativeInt(const Subject& subject, Sink& sink);
void CheckTruncatedValue(const Subject& subject, Sink& sink);
void CheckMoreThanSixConditions(const Subject& subject, Sink& sink);
void CheckMiscompiledShape(const Subject& subject, Sink& sink);
void CheckAbiMissing(const Subject& subject, Sink& sink);
void CheckSocketcallBypass(const Subject& subject, Sink& sink);
void CheckClone3Bypass(const Subject& subject, Sink& sink);
void CheckIoUringBypass(const Subject& subject, Sink& sink);
void CheckOpenDetour(const Subject& subject, Sink& sink);
void CheckDefaultAllows(const Subject& subject, Sink& sink);
void CheckDefaultEpermHidesNewCalls(const Subject& subject, Sink& sink);
void CheckEpermBreaksFallback(const Subject& subject, Sink& sink);
void CheckEnosysThreshold(const Subject& subject, Sink& sink);
void CheckErrnoWithoutErrnoAction(const Subject& subject, Sink& sink);
void CheckErrnoZero(const Subject& subject, Sink& sink);
void CheckErrnoNotInherited(const Subject& subject, Sink& sink);
void CheckKillThread(const Subject& subject, Sink& sink);
void CheckTraceAction(const Subject& subject, Sink& sink);
void CheckLogLetsPass(const Subject& subject, Sink& sink);
void CheckNotifyWrite(const Subject& subject, Sink& sink);
void CheckNotifyDefault(const Subject& subject, Sink& sink);
void CheckNotifyWithoutListener(const Subject& subject, Sink& sink);
void CheckNotifyRuntimeCalls(const Subject& subject, Sink& sink);
void CheckNotifyIsNoBoundary(const Subject& subject, Sink& sink);
void CheckExclusiveFields(const Subject& subject, Sink& sink);
void CheckLegacyNameField(const Subject& subject, Sink& sink);
void CheckDockerExtensionsIgnored(const Subject& subject, Sink& sink);
void CheckUnknownSelector(const Subject& subject, Sink& sink);
void CheckNotTaken(const Subject& subject, Sink& sink);
void CheckLoadersDiffer(const Subject& subject, Sink& sink);
void CheckOldDockerIgnores(const Subject& subject, Sink& sink);
void CheckFilterTooLarge(const Subject& subject, Sink& sink);
void CheckBaselineNotCovered(const Subject& subject, Sink& sink);
void CheckNewerRuntimeNeeds(const Subject& subject, Sink& sink);
void CheckProgramStart(const Subject& subject, Sink& sink);
void CheckArtifactLimits(const Subject& subject, Sink& sink);
void CheckYamlSyntax(const Subject& subject, Sink& sink);
void CheckSeccompField(const Subject& subject, Sink& sink);
void CheckSeccompType(const Subject& subject, Sink& sink);
void CheckLocalhostProfilePath(const Subject& subject, Sink& sink);
void CheckLocalhostProfileUnused(const Subject& subject, Sink& sink);
void CheckLocalhostPrefix(const Subject& subject, Sink& sink);
void CheckSeccompAnnotation(const Subject& subject, Sink& sink);
void CheckSeccompUnconfined(const Subject& subject, Sink& sink);
void CheckSeccompNotSet(const Subject& subject, Sink& sink);
void CheckPrivilegedUnfiltered(const Subject& subject, Sink& sink);
void CheckPodLevelLocalhost(const Subject& subject, Sink& sink);
void CheckWindowsProfile(const Subject& subject, Sink& sink);
void CheckPodSecurity(const Subject& subject, Sink& sink);
void CheckProfileNotOnNode(const Subject& subject, Sink& sink);
void CheckStaleFinalizer(const Subject& subject, Sink& sink);
void CheckStaleNodeStatus(const Subject& subject, Sink& sink);

}  // namespace whittle::lint
