#include "container/cgroup_path.h"

#include <gtest/gtest.h>

namespace whittle::container {
namespace {

const std::string kId = "5b1afbf3775929b16c18528fdc76e54d9e1c3686edf6591906de0e5ef5b86fce";
const std::string kInner = "a3329f3239be008b16b47ed527806eee63bc68bfde89058562f330c10700a181";

struct Case {
  std::string path;
  std::string id;
  std::string manager;
};

TEST(CgroupPathTest, NamesTheContainerOfEveryManagerAndDriver) {
  const Case cases[] = {
      {"/docker/" + kId, kId, "docker"},
      {"/system.slice/docker-" + kId + ".scope", kId, "docker"},
      {"/libpod_parent/libpod-" + kId, kId, "podman"},
      {"/machine.slice/libpod-" + kId + ".scope", kId, "podman"},
      {"/machine.slice/libpod-" + kId + ".scope/container", kId, "podman"},
      {"/user.slice/user-1000.slice/user@1000.service/user.slice/libpod-" + kId + ".scope", kId, "podman"},
      {"/kubepods/burstable/pod2f1c/" + kId, kId, ""},
      {"/kubepods.slice/kubepods-pod2f.slice/cri-containerd-" + kId + ".scope", kId, "containerd"},
      {"/kubepods.slice/kubepods-pod2f.slice/crio-" + kId + ".scope", kId, "cri-o"},
      {"/system.slice:docker:" + kId, kId, ""},
      {"/default/" + kId, kId, ""},
      {"/docker/" + kId + "/sub/deeper", kId, "docker"},
      {"/docker/" + kId + "/docker/" + kInner, kInner, "docker"},
  };
  for (const auto& one : cases) {
    EXPECT_EQ(OwnerOfCgroupPath(one.path).id, one.id) << one.path;
    EXPECT_EQ(OwnerOfCgroupPath(one.path).manager, one.manager) << one.path;
  }
}

TEST(CgroupPathTest, NamesNothingWhereNoContainerIs) {
  const std::string upper = "A" + kId.substr(1);
  for (const auto& path :
       {std::string(), std::string("/"), std::string("/docker"), "/docker/" + kId.substr(1),
        "/docker/" + kId + "0", "/docker/" + upper, "/libpod_parent/libpod-conmon-" + kId,
        "/machine.slice/libpod-conmon-" + kId + ".scope", "/x/evil-" + kId,
        "/docker/" + kId + std::string(5000, '/')}) {
    EXPECT_EQ(OwnerOfCgroupPath(path).id, "") << path;
  }
}

TEST(CgroupPathTest, APathIsKnownByTheIdInItByItselfAndByWhatIsAboveIt) {
  EXPECT_EQ(CgroupNames("/docker/" + kId + "/below").front(), kId);
  EXPECT_EQ(CgroupNames("/default/web/a"), (std::vector<std::string>{"/default/web/a", "/default/web",
                                                                     "/default", "a", "web", "default", ""}));
  EXPECT_TRUE(CgroupNames(std::string(5000, 'a')).empty());
}

TEST(CgroupPathTest, TheContainersOwnCgroupIsThePathUpToItsName) {
  EXPECT_EQ(OwnCgroupPath("/docker/" + kId + "/init.scope", kId), "/docker/" + kId);
  EXPECT_EQ(OwnCgroupPath("/machine.slice/libpod-" + kId + ".scope/container", kId),
            "/machine.slice/libpod-" + kId + ".scope");
  EXPECT_EQ(OwnCgroupPath("/default/web/a", "/default/web"), "/default/web");
  EXPECT_EQ(OwnCgroupPath("/default/web", kId), "");
  EXPECT_EQ(OwnCgroupPath("/default/web", "/default/we"), "");
  EXPECT_EQ(OwnCgroupPath("/default/web", ""), "");
}

}  // namespace
}  // namespace whittle::container
