// Objects of ordered_set tables: a B+ tree.
//
//   inner node   keys_[i] is the smallest key below children_[i]
//   leaf         keys_[i] is the key of objects_[i]; leaves are linked both ways
//
// Keys are the words that stand in the objects: small keys are compared without touching an object.
// So whenever the first object of a leaf changes, the words that repeat its key further up change
// too. Traversals hold no place in the tree but the last key, and search again.
//
// Callers hold the table's lock.
#pragma once
#include <atomic>

#include "vm/ets/object.h"

namespace lintel {

class TreeStore {
 public:
  explicit TreeStore(u32 keypos) : keypos_(keypos) {}
  ~TreeStore();
  TreeStore(const TreeStore&) = delete;
  TreeStore& operator=(const TreeStore&) = delete;

  // Equal by ==, not =:=.
  EtsObject* find(Term key) const;
  EtsObject* first() const;
  EtsObject* last() const;
  // The nearest object beyond `key`, which need not be there.
  EtsObject* next(Term key) const;
  EtsObject* prev(Term key) const;

  // Takes o, replacing what has its key.
  void insert(EtsObject* o);
  // Puts `fresh`, with an equal key, in the place of `old`, which is freed.
  void replace(EtsObject* old, EtsObject* fresh);
  bool remove(Term key);
  // Frees up to `budget` objects, without order, for deletion of the table. True when all are gone.
  bool free_some(i64& budget);

  // A place for walks during one hold of the lock.
  struct Place {
    void* leaf = nullptr;
    i32 index = 0;
  };
  Place place_first() const;
  Place place_last() const;
  Place place_after(Term key) const;   // first object with a key > key
  Place place_before(Term key) const;  // last object with a key < key
  Place place_from(Term key) const;    // first object with a key >= key
  // First object whose key does not make `less` true; `less` is true for a run of lowest keys.
  template <typename Less>
  Place place_where(Less less) const {
    Node* n = root_;
    if (n == nullptr) return {};
    for (;;) {
      u32 a = 0;
      u32 b = n->count;
      while (a < b) {
        u32 m = (a + b) / 2;
        if (less(n->keys[m])) {
          a = m + 1;
        } else {
          b = m;
        }
      }
      if (n->is_leaf) {
        Place p{static_cast<Leaf*>(n), static_cast<i32>(a) - 1};
        forward(p);
        return p;
      }
      n = static_cast<Inner*>(n)->children[a == 0 ? 0 : a - 1];
    }
  }
  static EtsObject* at(Place p);       // null at the end
  static void forward(Place& p);
  static void backward(Place& p);

  u64 size() const { return size_.load(std::memory_order_relaxed); }
  u64 memory_words() const { return words_.load(std::memory_order_relaxed); }

 private:
  static constexpr u32 kFan = 32;
  static constexpr u32 kMaxDepth = 16;

  struct Node {
    u32 count = 0;
    bool is_leaf;
    Term keys[kFan];
    explicit Node(bool leaf) : is_leaf(leaf) {}
  };
  struct Leaf : Node {
    Leaf* before = nullptr;
    Leaf* after = nullptr;
    EtsObject* objects[kFan];
    Leaf() : Node(true) {}
  };
  struct Inner : Node {
    Node* children[kFan];
    Inner() : Node(false) {}
  };
  struct Path {
    Inner* inner[kMaxDepth];
    u32 index[kMaxDepth];
    u32 depth = 0;
  };

  // Number of keys of n that are < key (or <= key).
  static u32 lower(const Node* n, Term key);
  static u32 upper(const Node* n, Term key);
  Leaf* descend(Term key, Path* path) const;
  void new_minimum(Path& path, Term key);
  void insert_child(Path& path, Node* left, Node* right);
  void remove_empty(Path& path, Node* gone);
  void unlink(Leaf* leaf);
  void merge_if_small(Path& path, Leaf* leaf);
  void add(std::atomic<u64>& counter, i64 n) {
    counter.store(counter.load(std::memory_order_relaxed) + static_cast<u64>(n),
                  std::memory_order_relaxed);
  }

  const u32 keypos_;
  Node* root_ = nullptr;
  Leaf* first_ = nullptr;
  Leaf* last_ = nullptr;
  std::atomic<u64> size_{0};
  std::atomic<u64> words_{0};
};

}  // namespace lintel
