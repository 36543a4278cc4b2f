// The idea. An instruction is a place to cut if nothing behind it loads architecture or number, if it needs
// no register: then what follows is a program of its own. The first such place on each way is cut, and what
// can be reached from there, in its order, is the body. A return is a place to cut, too, so in the end every
// way through the dispatch has one; what is left uncut must not ask anything else.
#include "prove/dispatch.h"

#include <algorithm>
#include <map>
#include <string>

#include "prove/flow.h"

namespace whittle::prove {
namespace {

constexpr uint32_t kFirstOther = 8;  // offset of what is neither number nor architecture

bool LoadsKey(const sock_filter& in) { return LoadsWord(in) && in.k < kFirstOther; }

// A division by zero ends a program without a return.
bool MayKill(const sock_filter& in) { return in.code == (BPF_ALU | BPF_DIV | BPF_X); }

class Cutting {
 public:
  explicit Cutting(std::span<const sock_filter> program)
      : program_(program), live_(LiveCells(program)), asks_key_(program.size()) {
    for (size_t at = program.size(); at-- > 0;) {
      const Next next = IsReturn(program[at]) ? Next{at, at} : NextOf(at, program[at]);
      asks_key_[at] = LoadsKey(program[at]) || asks_key_[next.yes] || asks_key_[next.no];
    }
  }

  std::optional<Dispatch> Run() {
    dispatch_.keys.assign(program_.begin(), program_.end());
    std::vector<bool> reached(program_.size());
    reached[0] = true;
    for (size_t at = 0; at < program_.size(); ++at) {
      if (!reached[at]) continue;
      if (!asks_key_[at] && live_[at] == 0) {
        dispatch_.keys[at] = {BPF_RET | BPF_K, 0, 0, IndexOf(BodyFrom(at))};
        continue;
      }
      const sock_filter& in = program_[at];
      if (IsReturn(in) || MayKill(in) || (LoadsWord(in) && !LoadsKey(in))) return std::nullopt;
      Reach(reached, at);
    }
    return std::move(dispatch_);
  }

 private:
  void Reach(std::vector<bool>& reached, size_t at) const {
    const Next next = NextOf(at, program_[at]);
    reached[next.yes] = reached[next.no] = true;
  }

  // What can be reached, closed up: jumps only become shorter.
  filter::Program BodyFrom(size_t start) const {
    std::vector<bool> reached(program_.size());
    std::vector<size_t> place(program_.size());
    reached[start] = true;
    size_t count = 0;
    for (size_t at = start; at < program_.size(); ++at) {
      if (!reached[at]) continue;
      place[at] = count++;
      if (!IsReturn(program_[at])) Reach(reached, at);
    }
    filter::Program body;
    for (size_t at = start; at < program_.size(); ++at) {
      if (reached[at]) body.push_back(Moved(at, place));
    }
    return body;
  }

  sock_filter Moved(size_t at, const std::vector<size_t>& place) const {
    sock_filter in = program_[at];
    if (BPF_CLASS(in.code) != BPF_JMP) return in;
    const Next next = NextOf(at, in);
    const auto distance = [&](size_t target) { return place[target] - place[at] - 1; };
    if (BPF_OP(in.code) == BPF_JA) {
      in.k = static_cast<uint32_t>(distance(next.yes));
    } else {
      in.jt = static_cast<uint8_t>(distance(next.yes));
      in.jf = static_cast<uint8_t>(distance(next.no));
    }
    return in;
  }

  uint32_t IndexOf(filter::Program body) {
    const std::string bytes(reinterpret_cast<const char*>(body.data()), body.size() * sizeof(sock_filter));
    const auto [at, is_new] = index_.try_emplace(bytes, static_cast<uint32_t>(dispatch_.bodies.size()));
    if (is_new) dispatch_.bodies.push_back(std::move(body));
    return at->second;
  }

  std::span<const sock_filter> program_;
  std::vector<CellSet> live_;
  std::vector<bool> asks_key_;  // here or behind
  std::map<std::string, uint32_t> index_;
  Dispatch dispatch_;
};

}  // namespace

bool SameInstructions(std::span<const sock_filter> a, std::span<const sock_filter> b) {
  return std::ranges::equal(a, b, [](const sock_filter& x, const sock_filter& y) {
    return x.code == y.code && x.jt == y.jt && x.jf == y.jf && x.k == y.k;
  });
}

std::optional<Dispatch> DispatchOf(std::span<const sock_filter> program) { return Cutting(program).Run(); }

}  // namespace whittle::prove
