// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * An order of the channels in which blocks that reach across channels hold
 * smaller ranges.  Documentation/reordering.rst.
 *
 * Channels are joined to pairs, pairs to fours, and so on, so that one order
 * serves blocks of any number of channels that is a power of two.  What is joined
 * so far is a unit: a list of channels, named by its first one.
 */

#include "kernels.h"

#define NONE	0xffffffffu

/* Work of one step: comparisons of units, or channels that are looked at. */
#define STEP_COMPARISONS	512
#define STEP_CHANNELS		16

/* Units whose keys are looked through in the time of one comparison. */
#define KEYS_PER_COMPARISON	32

/* Indexed by enum fmc_reorder. */
static const struct {
	u32 log_cells, candidates;
} methods[] = {
	[FMC_REORDER_NONE] = { 0, 0 },
	[FMC_REORDER_HEURISTIC] = { 4, 16 },
	[FMC_REORDER_GREEDY] = { 5, FMC_REORDER_MAX_CHANNELS },
};

#define METHODS	(FMC_REORDER_GREEDY + 1)

static u32 ends_of(u32 log_cells)
{
	return 2u << log_cells;
}

/**
 * fmc_reorder_workspace_bytes - size of the workspace of a search
 * @surface: the feature map
 * @method: one of enum fmc_reorder
 *
 * Return: bytes, at most FMC_REORDER_MAX_WORKSPACE; 0 if there are too many
 * channels, or the method is unknown.
 */
u64 fmc_reorder_workspace_bytes(const struct fmc_surface *surface, u32 method)
{
	u32 channels = surface->dim[FMC_DIM_C];

	if (method >= METHODS || channels > FMC_REORDER_MAX_CHANNELS)
		return 0;
	/* a key, four numbers of channels, and the ends of the cells' ranges */
	return (u64)channels * (4 + (4 + ends_of(methods[method].log_cells)) * 2);
}

/**
 * fmc_reorder_init - begin a search
 * @search: filled in
 * @surface: the feature map; nothing in it is trusted, its order is not looked at
 * @method: one of enum fmc_reorder
 * @kernels: functions for this CPU; NULL for plain C
 * @workspace: scratch memory, aligned to 4 bytes; belongs to the search until its
 *	result is not needed any more
 * @workspace_bytes: size of it, at least fmc_reorder_workspace_bytes()
 *
 * Return: 0; -EINVAL for an unknown method or what fmc_surface_check() refuses;
 * -EOVERFLOW as there; -EOPNOTSUPP for more than FMC_REORDER_MAX_CHANNELS
 * channels; -ENOSPC if the workspace is too small.
 */
int fmc_reorder_init(struct fmc_reorder_search *search, const struct fmc_surface *surface,
		     u32 method, const struct fmc_kernels *kernels, void *workspace,
		     u64 workspace_bytes)
{
	u32 channels = surface->dim[FMC_DIM_C], c;
	u64 elements, bytes;
	int ret;

	if (method >= METHODS)
		return -EINVAL;
	ret = fmc_surface_check(surface, &elements, &bytes);
	if (ret)
		return ret;
	if (channels > FMC_REORDER_MAX_CHANNELS)
		return -EOPNOTSUPP;
	if (workspace_bytes < fmc_reorder_workspace_bytes(surface, method))
		return -ENOSPC;

	memset(search, 0, sizeof(*search));
	search->surface = *surface;
	search->surface.order = NULL;
	search->cost = kernels ? kernels->reorder_cost : fmc_reorder_cost;
	search->log_cells = methods[method].log_cells;
	search->candidates = methods[method].candidates;
	search->key = workspace;
	search->order = (u16 *)(search->key + channels);
	search->next = search->order + channels;
	search->last = search->next + channels;
	search->unit = search->last + channels;
	search->range = search->unit + channels;
	for (c = 0; c < channels; c++) {
		search->order[c] = c;
		search->next[c] = c;
		search->last[c] = c;
		search->unit[c] = c;
	}
	search->left = channels;
	search->rest = NONE;
	search->first = NONE;
	return 0;
}

static u16 *range_of(const struct fmc_reorder_search *search, u32 unit)
{
	return search->range + unit * ends_of(search->log_cells);
}

/* Where cell i lies in a dimension, cells being spread evenly. */
static u32 cell_at(const struct fmc_reorder_search *search, u32 i, u32 extent)
{
	i &= (1u << search->log_cells) - 1;
	return (2 * i + 1) * (u64)extent >> (search->log_cells + 1);
}

/*
 * Cells lie on a lattice: no two of them share a row, a column or a batch, if
 * there are enough.  2x2 values each, as blocks that reach across channels have.
 */
static void look_at_channel(struct fmc_reorder_search *search, const void *src, u32 channel)
{
	const u32 *dim = search->surface.dim;
	u16 *range = range_of(search, channel);
	struct fmc_box box = { .w = 2, .h = 2, .c = 1 };
	u16 values[4];
	u32 i, k;

	box.at[FMC_DIM_C] = channel;
	search->key[channel] = 0;
	for (i = 0; i < 1u << search->log_cells; i++, range += 2) {
		box.at[FMC_DIM_N] = cell_at(search, 7 * i, dim[FMC_DIM_N]);
		box.at[FMC_DIM_H] = cell_at(search, i, dim[FMC_DIM_H]) & ~1u;
		box.at[FMC_DIM_W] = cell_at(search, 5 * i, dim[FMC_DIM_W]) & ~1u;
		fmc_surface_gather(&search->surface, src, &box, values);
		range[0] = values[0];
		range[1] = values[0];
		for (k = 1; k < 4; k++) {
			if (values[k] < range[0])
				range[0] = values[k];
			if (values[k] > range[1])
				range[1] = values[k];
		}
		search->key[channel] += range[0] + range[1];
	}
}

/*
 * What it costs to join two units, from their ends in a cell: the range of both,
 * in which every value will be coded, times 1 and the number of ends that lie
 * inside it.  Those at an end of it are exact, however wide it is: a channel that
 * is zero behind a ReLU goes with any other.
 */
static u32 cost_of_cell(const u16 *a, const u16 *b)
{
	u32 least = a[0] < b[0] ? a[0] : b[0], greatest = a[1] > b[1] ? a[1] : b[1];
	/* the two other ends; without a branch, for this is where the time goes */
	u32 low = a[0] + b[0] - least, high = a[1] + b[1] - greatest;
	u32 inside = ((low > least) & (low < greatest)) + ((high > least) & (high < greatest));

	return (greatest - least) * (inside + 1);
}

/**
 * fmc_reorder_cost - what it costs to join two units
 * @a: least and greatest value of each cell of one of them, in turn
 * @b: those of the other
 * @count: how many, a multiple of 32
 *
 * Return: the sum over the cells, below 2^24.
 */
u32 fmc_reorder_cost(const u16 *a, const u16 *b, u32 count)
{
	u32 cost = 0, i;

	for (i = 0; i < count; i += 2)
		cost += cost_of_cell(a + i, b + i);
	return cost;
}

static u32 cost_of(const struct fmc_reorder_search *search, u32 first, u32 candidate)
{
	return search->cost(range_of(search, first), range_of(search, candidate),
			    ends_of(search->log_cells));
}

static void append(struct fmc_reorder_search *search, u32 unit, u32 behind)
{
	search->next[search->last[unit]] = behind;
	search->last[unit] = search->last[behind];
}

static void take_out(struct fmc_reorder_search *search, u32 index)
{
	search->unit[index] = search->unit[--search->left];
}

/* Take the unit with the greatest key, of equals that of the lowest channel. */
static void seek_partner(struct fmc_reorder_search *search)
{
	u32 i, best = 0;

	for (i = 1; i < search->left; i++) {
		u32 a = search->unit[i], b = search->unit[best];

		if (search->key[a] > search->key[b] ||
		    (search->key[a] == search->key[b] && a < b))
			best = i;
	}
	search->first = search->unit[best];
	search->tried = 0;
	search->best_cost = NONE;
	take_out(search, best);
}

/* Compare with one more candidate; few of them are spread over all there are. */
static void try_candidate(struct fmc_reorder_search *search, u32 count)
{
	u32 i = search->tried++, cost;

	if (count < search->left)
		i = i * search->left / count;
	cost = cost_of(search, search->first, search->unit[i]);

	if (cost < search->best_cost ||
	    (cost == search->best_cost && search->unit[i] < search->unit[search->best])) {
		search->best = i;
		search->best_cost = cost;
	}
}

static void join_best(struct fmc_reorder_search *search)
{
	u32 unit = search->first, partner = search->unit[search->best], i;
	u16 *a = range_of(search, unit);
	const u16 *b = range_of(search, partner);

	search->key[unit] = 0;
	for (i = 0; i < ends_of(search->log_cells); i += 2) {
		if (b[i] < a[i])
			a[i] = b[i];
		if (b[i + 1] > a[i + 1])
			a[i + 1] = b[i + 1];
		search->key[unit] += a[i] + a[i + 1];
	}
	append(search, unit, partner);
	take_out(search, search->best);
	/* behind those that are left, two places of which the pair has made free */
	search->unit[search->left + search->pairs + 1] = unit;
	search->pairs++;
	search->first = NONE;
}

/*
 * All of this size are paired.  One that found no partner goes before the rest,
 * which is smaller, and which no unit of a power of two may stand behind.
 */
static void next_size(struct fmc_reorder_search *search)
{
	u32 total = search->left + 2 * search->pairs, i;

	if (search->left) {
		u32 single = search->unit[0];

		if (search->rest != NONE)
			append(search, single, search->rest);
		search->rest = single;
	}
	for (i = 0; i < search->pairs; i++)
		search->unit[i] = search->unit[total - 1 - i];
	search->left = search->pairs;
	search->pairs = 0;
}

static void put_in_order(struct fmc_reorder_search *search)
{
	u32 channels = search->surface.dim[FMC_DIM_C], unit = search->rest, i;

	if (search->left) {
		unit = search->unit[0];
		if (search->rest != NONE)
			append(search, unit, search->rest);
	}
	for (i = 0; i < channels; i++) {
		search->order[i] = unit;
		unit = search->next[unit];
	}
}

/* Join units for the time of a step.  Returns false when there is but one, and the rest. */
static bool join_units(struct fmc_reorder_search *search)
{
	u32 work = 0;

	while (work < STEP_COMPARISONS) {
		u32 count;

		if (search->first == NONE) {
			if (search->left < 2) {
				if (!search->pairs)
					return false;
				next_size(search);
				continue;
			}
			work += search->left / KEYS_PER_COMPARISON;
			seek_partner(search);
		}
		count = search->left < search->candidates ? search->left : search->candidates;
		while (search->tried < count && work++ < STEP_COMPARISONS)
			try_candidate(search, count);
		if (search->tried == count)
			join_best(search);
	}
	return true;
}

/**
 * fmc_reorder_step - search a little more
 * @search: from fmc_reorder_init()
 * @src: the first value of the surface; may change meanwhile
 *
 * Return: true if there is more to do, after the work of about 100 us; false once
 * search->order is complete.  It is a permutation whatever @src has.
 */
bool fmc_reorder_step(struct fmc_reorder_search *search, const void *src)
{
	u32 channels = search->surface.dim[FMC_DIM_C], end;

	if (!search->candidates)
		return false;
	if (search->looked_at < channels) {
		end = search->looked_at + STEP_CHANNELS;
		for (; search->looked_at < end && search->looked_at < channels; search->looked_at++)
			look_at_channel(search, src, search->looked_at);
		return true;
	}
	if (join_units(search))
		return true;
	put_in_order(search);
	return false;
}

/**
 * fmc_order_is_permutation - check an order that came from outside
 * @order: @channels entries; they are read once
 * @channels: number of channels
 * @bitmap: scratch memory of (@channels + 7) / 8 bytes
 *
 * An order that is checked must not change afterwards, so it must be a copy.
 *
 * Return: true if every channel is in it, of at most FMC_REORDER_MAX_CHANNELS.
 */
bool fmc_order_is_permutation(const u16 *order, u32 channels, u8 *bitmap)
{
	u32 i;

	if (channels > FMC_REORDER_MAX_CHANNELS)
		return false;
	memset(bitmap, 0, (channels + 7) / 8);
	for (i = 0; i < channels; i++) {
		u32 channel = order[i];

		if (channel >= channels || bitmap[channel / 8] & 1u << channel % 8)
			return false;
		bitmap[channel / 8] |= 1u << channel % 8;
	}
	return true;
}
