#include "vm/ets/tree_store.h"

#include <algorithm>

#include "vm/base/alloc.h"
#include "vm/term/compare.h"

namespace lintel {

TreeStore::~TreeStore() {
  i64 all = INT64_MAX;
  free_some(all);
}

u32 TreeStore::lower(const Node* n, Term key) {
  u32 a = 0;
  u32 b = n->count;
  while (a < b) {
    u32 m = (a + b) / 2;
    if (compare(n->keys[m], key) < 0) {
      a = m + 1;
    } else {
      b = m;
    }
  }
  return a;
}

u32 TreeStore::upper(const Node* n, Term key) {
  u32 a = 0;
  u32 b = n->count;
  while (a < b) {
    u32 m = (a + b) / 2;
    if (compare(n->keys[m], key) <= 0) {
      a = m + 1;
    } else {
      b = m;
    }
  }
  return a;
}

// The leaf where `key` is or would be. The tree is not empty.
TreeStore::Leaf* TreeStore::descend(Term key, Path* path) const {
  Node* n = root_;
  while (!n->is_leaf) {
    auto* inner = static_cast<Inner*>(n);
    u32 i = upper(inner, key);
    if (i > 0) i--;
    if (path != nullptr) {
      path->inner[path->depth] = inner;
      path->index[path->depth] = i;
      path->depth++;
    }
    n = inner->children[i];
  }
  return static_cast<Leaf*>(n);
}

EtsObject* TreeStore::find(Term key) const {
  if (root_ == nullptr) return nullptr;
  Leaf* leaf = descend(key, nullptr);
  u32 i = lower(leaf, key);
  return i < leaf->count && compare(leaf->keys[i], key) == 0 ? leaf->objects[i] : nullptr;
}

EtsObject* TreeStore::first() const { return first_ == nullptr ? nullptr : first_->objects[0]; }
EtsObject* TreeStore::last() const {
  return last_ == nullptr ? nullptr : last_->objects[last_->count - 1];
}
EtsObject* TreeStore::next(Term key) const { return at(place_after(key)); }
EtsObject* TreeStore::prev(Term key) const { return at(place_before(key)); }

TreeStore::Place TreeStore::place_first() const { return {first_, 0}; }
TreeStore::Place TreeStore::place_last() const {
  return {last_, last_ == nullptr ? 0 : static_cast<i32>(last_->count) - 1};
}
TreeStore::Place TreeStore::place_after(Term key) const {
  if (root_ == nullptr) return {};
  Leaf* leaf = descend(key, nullptr);
  Place p{leaf, static_cast<i32>(upper(leaf, key)) - 1};
  forward(p);
  return p;
}
TreeStore::Place TreeStore::place_before(Term key) const {
  if (root_ == nullptr) return {};
  Leaf* leaf = descend(key, nullptr);
  Place p{leaf, static_cast<i32>(lower(leaf, key))};
  backward(p);
  return p;
}
TreeStore::Place TreeStore::place_from(Term key) const {
  if (root_ == nullptr) return {};
  Leaf* leaf = descend(key, nullptr);
  Place p{leaf, static_cast<i32>(lower(leaf, key)) - 1};
  forward(p);
  return p;
}
EtsObject* TreeStore::at(Place p) {
  return p.leaf == nullptr ? nullptr : static_cast<Leaf*>(p.leaf)->objects[p.index];
}
void TreeStore::forward(Place& p) {
  auto* leaf = static_cast<Leaf*>(p.leaf);
  if (static_cast<u32>(++p.index) >= leaf->count) p = {leaf->after, 0};
}
void TreeStore::backward(Place& p) {
  auto* leaf = static_cast<Leaf*>(p.leaf);
  if (--p.index < 0) {
    leaf = leaf->before;
    p = {leaf, leaf == nullptr ? 0 : static_cast<i32>(leaf->count) - 1};
  }
}

// The smallest key of the leaf at the end of `path` is now `key`.
void TreeStore::new_minimum(Path& path, Term key) {
  for (u32 d = path.depth; d-- > 0;) {
    path.inner[d]->keys[path.index[d]] = key;
    if (path.index[d] != 0) break;
  }
}

// `right` was split off from `left`, the node at the end of the path.
void TreeStore::insert_child(Path& path, Node* left, Node* right) {
  for (;;) {
    if (path.depth == 0) {
      auto* root = vm_new<Inner>();
      add(words_, words_for_bytes(sizeof(Inner)));
      root->count = 2;
      root->keys[0] = left->keys[0];
      root->keys[1] = right->keys[0];
      root->children[0] = left;
      root->children[1] = right;
      root_ = root;
      return;
    }
    path.depth--;
    Inner* parent = path.inner[path.depth];
    u32 i = path.index[path.depth] + 1;
    Inner* sibling = nullptr;
    if (parent->count == kFan) {
      sibling = vm_new<Inner>();
      add(words_, words_for_bytes(sizeof(Inner)));
      u32 keep = i == kFan ? kFan - 1 : kFan / 2;  // rising keys fill the nodes
      sibling->count = kFan - keep;
      std::copy(parent->keys + keep, parent->keys + kFan, sibling->keys);
      std::copy(parent->children + keep, parent->children + kFan, sibling->children);
      parent->count = keep;
    }
    Inner* to = parent;
    if (sibling != nullptr && i > parent->count) {
      i -= parent->count;
      to = sibling;
    }
    std::copy_backward(to->keys + i, to->keys + to->count, to->keys + to->count + 1);
    std::copy_backward(to->children + i, to->children + to->count, to->children + to->count + 1);
    to->keys[i] = right->keys[0];
    to->children[i] = right;
    to->count++;
    if (sibling == nullptr) return;
    left = parent;
    right = sibling;
  }
}

void TreeStore::insert(EtsObject* o) {
  Term key = o->key(keypos_);
  if (root_ == nullptr) {
    auto* leaf = vm_new<Leaf>();
    add(words_, words_for_bytes(sizeof(Leaf)));
    leaf->count = 1;
    leaf->keys[0] = key;
    leaf->objects[0] = o;
    root_ = first_ = last_ = leaf;
    add(size_, 1);
    add(words_, static_cast<i64>(o->memory_words()));
    return;
  }
  Path path;
  Leaf* leaf = descend(key, &path);
  u32 i = lower(leaf, key);
  if (i < leaf->count && compare(leaf->keys[i], key) == 0) {
    EtsObject* old = leaf->objects[i];
    leaf->objects[i] = o;
    leaf->keys[i] = key;
    if (i == 0) new_minimum(path, key);
    add(words_, static_cast<i64>(o->memory_words()) - static_cast<i64>(old->memory_words()));
    ets_object_free(old);
    return;
  }
  add(size_, 1);
  add(words_, static_cast<i64>(o->memory_words()));
  Leaf* right = nullptr;
  Leaf* to = leaf;
  if (leaf->count == kFan) {
    right = vm_new<Leaf>();
    add(words_, words_for_bytes(sizeof(Leaf)));
    u32 keep = i == kFan && leaf == last_ ? kFan : kFan / 2;
    right->count = kFan - keep;
    std::copy(leaf->keys + keep, leaf->keys + kFan, right->keys);
    std::copy(leaf->objects + keep, leaf->objects + kFan, right->objects);
    leaf->count = keep;
    right->before = leaf;
    right->after = leaf->after;
    (leaf->after != nullptr ? leaf->after->before : last_) = right;
    leaf->after = right;
    if (i > keep || keep == kFan) {
      i -= keep;
      to = right;
    }
  }
  std::copy_backward(to->keys + i, to->keys + to->count, to->keys + to->count + 1);
  std::copy_backward(to->objects + i, to->objects + to->count, to->objects + to->count + 1);
  to->keys[i] = key;
  to->objects[i] = o;
  to->count++;
  if (i == 0 && to == leaf) new_minimum(path, key);
  if (right != nullptr) insert_child(path, leaf, right);
}

void TreeStore::replace(EtsObject* old, EtsObject* fresh) {
  Path path;
  Leaf* leaf = descend(old->key(keypos_), &path);
  u32 i = lower(leaf, old->key(keypos_));
  VM_ASSERT(leaf->objects[i] == old);
  leaf->objects[i] = fresh;
  leaf->keys[i] = fresh->key(keypos_);
  if (i == 0) new_minimum(path, leaf->keys[0]);
  add(words_, static_cast<i64>(fresh->memory_words()) - static_cast<i64>(old->memory_words()));
  ets_object_free(old);
}

void TreeStore::unlink(Leaf* leaf) {
  (leaf->before != nullptr ? leaf->before->after : first_) = leaf->after;
  (leaf->after != nullptr ? leaf->after->before : last_) = leaf->before;
}

// The node at the end of the path has nothing in it any more.
void TreeStore::remove_empty(Path& path, Node* gone) {
  for (;;) {
    if (gone->is_leaf) {
      add(words_, -static_cast<i64>(words_for_bytes(sizeof(Leaf))));
      vm_delete(static_cast<Leaf*>(gone));
    } else {
      add(words_, -static_cast<i64>(words_for_bytes(sizeof(Inner))));
      vm_delete(static_cast<Inner*>(gone));
    }
    if (path.depth == 0) {
      root_ = nullptr;
      return;
    }
    path.depth--;
    Inner* parent = path.inner[path.depth];
    u32 i = path.index[path.depth];
    std::copy(parent->keys + i + 1, parent->keys + parent->count, parent->keys + i);
    std::copy(parent->children + i + 1, parent->children + parent->count, parent->children + i);
    parent->count--;
    if (parent->count == 0) {
      gone = parent;
      continue;
    }
    if (i == 0) new_minimum(path, parent->keys[0]);
    break;
  }
  // A root with one child is not needed.
  while (!root_->is_leaf && root_->count == 1) {
    auto* old = static_cast<Inner*>(root_);
    root_ = old->children[0];
    add(words_, -static_cast<i64>(words_for_bytes(sizeof(Inner))));
    vm_delete(old);
  }
}

// Joins a leaf that has become small with its right neighbour under the same parent.
void TreeStore::merge_if_small(Path& path, Leaf* leaf) {
  if (leaf->count > kFan / 4 || path.depth == 0) return;
  Inner* parent = path.inner[path.depth - 1];
  u32 i = path.index[path.depth - 1];
  if (i + 1 >= parent->count) return;
  auto* right = static_cast<Leaf*>(parent->children[i + 1]);
  if (leaf->count + right->count > kFan * 3 / 4) return;
  std::copy(right->keys, right->keys + right->count, leaf->keys + leaf->count);
  std::copy(right->objects, right->objects + right->count, leaf->objects + leaf->count);
  leaf->count += right->count;
  unlink(right);
  path.index[path.depth - 1] = i + 1;
  remove_empty(path, right);
}

bool TreeStore::remove(Term key) {
  if (root_ == nullptr) return false;
  Path path;
  Leaf* leaf = descend(key, &path);
  u32 i = lower(leaf, key);
  if (i >= leaf->count || compare(leaf->keys[i], key) != 0) return false;
  EtsObject* o = leaf->objects[i];
  std::copy(leaf->keys + i + 1, leaf->keys + leaf->count, leaf->keys + i);
  std::copy(leaf->objects + i + 1, leaf->objects + leaf->count, leaf->objects + i);
  leaf->count--;
  add(size_, -1);
  add(words_, -static_cast<i64>(o->memory_words()));
  if (leaf->count == 0) {
    unlink(leaf);
    remove_empty(path, leaf);
  } else {
    if (i == 0) new_minimum(path, leaf->keys[0]);
    merge_if_small(path, leaf);
  }
  ets_object_free(o);
  return true;
}

bool TreeStore::free_some(i64& budget) {
  if (root_ == nullptr) return true;
  while (first_ != nullptr) {
    if (budget <= 0) return false;
    Leaf* leaf = first_;
    for (u32 i = 0; i < leaf->count; i++) ets_object_free(leaf->objects[i]);
    budget -= leaf->count;
    leaf->count = 0;
    first_ = leaf->after;
  }
  // Now the nodes, level by level from the root: nothing is in them.
  struct Walk {
    static void free_all(Node* n) {
      if (n->is_leaf) {
        vm_delete(static_cast<Leaf*>(n));
        return;
      }
      auto* inner = static_cast<Inner*>(n);
      for (u32 i = 0; i < inner->count; i++) free_all(inner->children[i]);  // at most kMaxDepth deep
      vm_delete(inner);
    }
  };
  Walk::free_all(root_);
  root_ = nullptr;
  last_ = nullptr;
  size_ = 0;
  words_ = 0;
  return true;
}

}  // namespace lintel
