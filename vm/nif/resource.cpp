#include "vm/nif/resource.h"

#include <algorithm>
#include <cstring>

#include "vm/base/alloc.h"
#include "vm/nif/monitor.h"
#include "vm/term/atom.h"
#include "vm/term/magic.h"
#include "vm/proc/unique.h"

using namespace lintel;

namespace lintel {
namespace {

Mutex<LockRank::NifLibrary> types_lock;
enif_resource_type_t* types = nullptr;

// What load and upgrade callbacks opened and what it will become.
struct OpenedType {
  OpenedType* next;
  NifLibrary* library;
  enif_resource_type_t* type;
  ErlNifResourceTypeInit callbacks;
  bool is_new;
};
OpenedType* opened = nullptr;  // under types_lock

void type_release(enif_resource_type_t* t) {
  if (t->users.fetch_sub(1, std::memory_order_acq_rel) == 1) vm_delete(t);
}

void resource_destroy(MagicData* d) {
  auto* r = static_cast<Resource*>(d);
  enif_resource_type_t* t = r->type;
  monitors_drop_all(*r);
  if (t->callbacks.dtor != nullptr) {
    enif_environment_t env;
    env.library = t->owner;
    t->callbacks.dtor(&env, r->data);
  }
  // A destructor may not revive its object, but it may have handed it out for a moment.
  if (r->refs.load(std::memory_order_acquire) != 0) return;
  r->~Resource();
  vm_free(r);
  type_release(t);
}

// Foreign bytes inside a resource: the byte array keeps the resource.
struct ResourceBinary : BinaryData {
  Resource* resource;
};
void resource_binary_destroy(BinaryData* d) {
  auto* b = static_cast<ResourceBinary*>(d);
  resource_release(*b->resource);
  vm_free(b);
}

enif_resource_type_t* find_type(Term module, Term name) {
  for (auto* t = types; t != nullptr; t = t->next) {
    if (t->module == module && t->name == name) return t;
  }
  return nullptr;
}

}  // namespace

void resource_release(Resource& r) { magic_release(&r); }

Resource* resource_of(Term t) {
  if (t.is(BoxedTag::MagicRef)) {
    auto* d = t.object()[2].as_raw_pointer<MagicData>();
    return d->destroy == resource_destroy ? static_cast<Resource*>(d) : nullptr;
  }
  if (t.is(BoxedTag::SubBinary)) t = view<SubBinary>(t)->base;
  if (t.is(BoxedTag::RefcBinary)) {
    BinaryData* d = view<RefcBinary>(t)->data;
    if (d->destroy == resource_binary_destroy) return static_cast<ResourceBinary*>(d)->resource;
  }
  return nullptr;
}

void resource_types_commit(NifLibrary& lib) {
  Guard guard(types_lock);
  while (opened != nullptr) {
    OpenedType* o = opened;
    opened = o->next;
    enif_resource_type_t* t = o->type;
    bool has_callbacks = o->callbacks.dtor || o->callbacks.stop || o->callbacks.down || o->callbacks.dyncall;
    if (o->is_new) {
      t->next = types;
      types = t;
    }
    NifLibrary* before = t->owner;
    t->callbacks = o->callbacks;
    if (has_callbacks) nif_library_retain(lib);
    t->owner = has_callbacks ? &lib : nullptr;
    if (before != nullptr) nif_library_release(*before);
    vm_free(o);
  }
}

void resource_types_rollback(NifLibrary&) {
  Guard guard(types_lock);
  while (opened != nullptr) {
    OpenedType* o = opened;
    opened = o->next;
    if (o->is_new) type_release(o->type);
    vm_free(o);
  }
}

void resource_types_disown(NifLibrary& lib) {
  Guard guard(types_lock);
  for (auto** link = &types; *link != nullptr;) {
    enif_resource_type_t* t = *link;
    // A type without live resources goes now; another keeps its library until they are gone.
    if (t->module == lib.module && (t->owner == &lib || t->owner == nullptr) &&
        t->users.load(std::memory_order_acquire) == 1) {
      *link = t->next;
      NifLibrary* owner = t->owner;
      type_release(t);
      if (owner != nullptr) nif_library_release(*owner);
    } else {
      link = &t->next;
    }
  }
}

static ErlNifResourceType* open_type(ErlNifEnv* env, const char* name,
                                     const ErlNifResourceTypeInit& init, ErlNifResourceFlags flags,
                                     ErlNifResourceFlags* tried) {
  Term module = env->library->module;
  Term name_atom = atom_intern_latin1(name);
  Guard guard(types_lock);
  enif_resource_type_t* t = find_type(module, name_atom);
  bool is_new = t == nullptr;
  ErlNifResourceFlags op = is_new ? ERL_NIF_RT_CREATE : ERL_NIF_RT_TAKEOVER;
  if (tried != nullptr) *tried = op;
  if (!(flags & op)) return nullptr;
  if (is_new) {
    t = vm_new<enif_resource_type_t>();
    t->module = module;
    t->name = name_atom;
  }
  auto* o = vm_new<OpenedType>();
  *o = {opened, env->library, t, init, is_new};
  opened = o;
  return t;
}

}  // namespace lintel

extern "C" {

ErlNifResourceType* enif_open_resource_type(ErlNifEnv* env, const char* module, const char* name,
                                            ErlNifResourceDtor* dtor, ErlNifResourceFlags flags,
                                            ErlNifResourceFlags* tried) {
  VM_CHECK(module == nullptr);  // documented: must be NULL
  ErlNifResourceTypeInit init{};
  init.dtor = dtor;
  return open_type(env, name, init, flags, tried);
}
ErlNifResourceType* enif_open_resource_type_x(ErlNifEnv* env, const char* name,
                                              const ErlNifResourceTypeInit* given,
                                              ErlNifResourceFlags flags,
                                              ErlNifResourceFlags* tried) {
  // Of the size that the library was compiled with, and without what came after this function.
  ErlNifResourceTypeInit init{};
  std::memcpy(&init, given, std::min(sizeof init, env->library->entry.sizeof_ErlNifResourceTypeInit));
  init.dyncall = nullptr;
  return open_type(env, name, init, flags, tried);
}
ErlNifResourceType* enif_init_resource_type(ErlNifEnv* env, const char* name,
                                            const ErlNifResourceTypeInit* given,
                                            ErlNifResourceFlags flags,
                                            ErlNifResourceFlags* tried) {
  ErlNifResourceTypeInit init{};
  if (given->members >= 1) init.dtor = given->dtor;
  if (given->members >= 2) init.stop = given->stop;
  if (given->members >= 3) init.down = given->down;
  if (given->members >= 4) init.dyncall = given->dyncall;
  return open_type(env, name, init, flags, tried);
}

void* enif_alloc_resource(ErlNifResourceType* type, size_t size) {
  void* block = vm_alloc(Resource::offsetof_data() + size);
  auto* r = new (block) Resource();
  r->refs.store(1, std::memory_order_relaxed);
  r->numbers = make_magic_ref_numbers();
  r->destroy = resource_destroy;
  r->type = type;
  r->size = size;
  type->users.fetch_add(1, std::memory_order_relaxed);
  return r->data;
}
void enif_release_resource(void* data) { resource_release(*Resource::from_data(data)); }
void enif_keep_resource(void* data) { resource_retain(*Resource::from_data(data)); }
size_t enif_sizeof_resource(void* data) { return Resource::from_data(data)->size; }

ERL_NIF_TERM enif_make_resource(ErlNifEnv* env, void* data) {
  return from_term(env->reserve(kMagicRefWords).magic_reference(Resource::from_data(data)));
}
ERL_NIF_TERM enif_make_resource_binary(ErlNifEnv* env, void* data, const void* bytes, size_t size) {
  auto* b = vm_new<ResourceBinary>();
  b->refs.store(1, std::memory_order_relaxed);
  b->destroy = resource_binary_destroy;
  b->bytes = static_cast<u8*>(const_cast<void*>(bytes));
  b->capacity = size;
  b->resource = Resource::from_data(data);
  resource_retain(*b->resource);
  return from_term(env->reserve(kRefcBinaryWords).refc_binary(b, size));
}
int enif_get_resource(ErlNifEnv*, ERL_NIF_TERM t, ErlNifResourceType* type, void** out) {
  Resource* r = resource_of(to_term(t));
  if (r == nullptr || r->type != type) return 0;
  *out = r->data;
  return 1;
}
int enif_dynamic_resource_call(ErlNifEnv* caller, ERL_NIF_TERM module, ERL_NIF_TERM name,
                               ERL_NIF_TERM resource, void* call_data) {
  enif_resource_type_t* type;
  {
    Guard guard(types_lock);
    type = find_type(to_term(module), to_term(name));
  }
  if (type == nullptr || type->callbacks.dyncall == nullptr) return 1;
  Resource* r = resource_of(to_term(resource));
  if (r == nullptr || r->type != type) return 1;
  NifLibrary* before = caller->library;
  caller->library = type->owner;
  type->callbacks.dyncall(caller, r->data, call_data);
  caller->library = before;
  return 0;
}

}  // extern "C"
