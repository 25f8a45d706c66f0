// Goal: what a page shows is what the network says. Method: every page beside `tributary get --json`, in both languages.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Browser, count, money, quantity } from './browser.mjs';
import { Gateway } from './gateway.mjs';
import { until } from './network.mjs';

let gateway, network, browser;

before(async () => {
	gateway = await Gateway.start();
	network = gateway.network;
	browser = await Browser.open(gateway.url, gateway.token);
});
after(async () => {
	await browser?.close();
	await gateway?.stop();
});

/** Until the page shows it: figures come live or within seconds. */
const shows = (what, ask, wanted) => until(`${what} is ${wanted}`, async () => {
	const is = await ask();
	if (is !== wanted) throw new Error(`it is ${is}`);
	return true;
});

const today = () => network.rows('kpi', '--scope', 'total').reduce((day, row) => (row.day > day ? row.day : day), '');
const percent = (text, digits = 1) => Math.round(Number(text.replace(/[%,\s]/g, '')) * 10 ** digits);
const tenth = (bp) => Math.round(bp / 10);

for (const language of ['en', 'zh-CN']) {
	test(`network, ${language}`, async () => {
		await browser.go('network', language);
		const [total] = network.rows('kpi', '--scope', 'total', '--day', today());
		await shows('revenue', async () => money(await browser.figure('revenue')), total.revenue_minor);
		await shows('tickets', async () => count(await browser.figure('tickets')), total.tickets);
		await shows('units', async () => quantity(await browser.figure('units')), total.units_milli);
		await shows('stock-outs', async () => count(await browser.figure('stock_outs')), total.stock_outs);
		await shows('completeness', async () => percent(await browser.figure('completeness')), tenth(total.completeness_bp));
		for (const row of network.rows('kpi', '--scope', 'outlet', '--day', today())) {
			await shows(`revenue of ${row.key}`, async () => money(await browser.cell(row.key, 'revenue')), row.revenue_minor);
			await shows(`tickets of ${row.key}`, async () => count(await browser.cell(row.key, 'tickets')), row.tickets);
		}
		for (const target of network.rows('targets'))
			await shows(`pace of ${target.outlet}`, async () => percent(await browser.cell(target.outlet, 'pace')), tenth(target.pace_bp));
	});

	test(`sales by tier, outlet and category, ${language}`, async () => {
		for (const scope of ['tier', 'outlet', 'category']) {
			await browser.go(`sales?by=${scope}`, language);
			const weekBefore = new Date(Date.parse(`${today()}T00:00:00Z`) - 7 * 86400000).toISOString().slice(0, 10);
			const before = new Map(network.rows('kpi', '--scope', scope, '--day', weekBefore).map((row) => [row.key, row]));
			assert.ok(before.size > 0, 'there is a week before');
			for (const row of network.rows('kpi', '--scope', scope, '--day', today())) {
				await shows(`${scope} ${row.key}`, async () => money(await browser.cell(row.key, 'now')), row.revenue_minor);
				await shows(`${scope} ${row.key}, tickets`, async () => count(await browser.cell(row.key, 'tickets')), row.tickets);
				await shows(`${scope} ${row.key}, returns`, async () => money(await browser.cell(row.key, 'returns')), row.returns_minor);
				if (before.has(row.key)) await shows(`${scope} ${row.key}, week before`, async () => money(await browser.cell(row.key, 'before')), before.get(row.key).revenue_minor);
			}
			assert.ok(await browser.page.locator('.plot canvas').count(), 'lines are drawn');
		}
	});

	test(`lines of today and of last week for every group, ${language}`, async () => {
		const days = [today(), new Date(Date.parse(`${today()}T00:00:00Z`) - 7 * 86400000).toISOString().slice(0, 10)];
		for (const [scope, metric, field] of [['total', 'revenue', 'revenue_minor'], ['tier', 'units', 'units_milli'], ['outlet', 'revenue', 'revenue_minor'], ['category', 'tickets', 'tickets']]) {
			const sums = days.map((day) => new Map(network.rows('kpi', '--scope', scope, '--day', day).map((row) => [row.key, row[field]])));
			const hours = days.map((day) => network.rows('hours', '--scope', scope, '--day', day));
			const sold = (which, key, untilS) => hours[which].filter((hour) => hour.key === key && hour.hour_us / 1e6 + 3600 <= untilS).reduce((sum, hour) => sum + hour[field], 0);
			for (const which of [0, 1]) for (const [key, sum] of sums[which]) assert.equal(sold(which, key, Infinity), sum, `the hours of ${key} are its day`);
			await browser.go(`sales?by=${scope}&of=${metric}`, language);
			if (scope === 'outlet') await browser.page.locator('.more button').first().click();
			const order = [...sums[0].keys()].sort((a, b) => sums[0].get(b) - sums[0].get(a));
			await until(`every ${scope} has its lines`, async () => {
				const drawn = await browser.page.locator('figure[data-lines]').evaluateAll((all) => all.map((one) => JSON.parse(one.dataset.lines)));
				const lines = drawn.slice(0, -1).flatMap(([x, ...values]) => values.map((line) => [x, line])); // the last picture is that of the days
				assert.equal(lines.length, 2 * order.length);
				for (const [i, [x, line]] of lines.entries()) {
					const which = i % 2, key = order[i >> 1], last = line.findLastIndex((value) => value !== null);
					assert.equal(line[last], sums[which].get(key), `${key} ends at its sum`);
					for (const [at, value] of line.entries()) if (value !== null && at !== last) assert.equal(value, sold(which, key, x[at] - which * 7 * 86400), `${key} at ${x[at]}`);
				}
				return true;
			});
		}
	});

	test(`stock, ${language}`, async () => {
		await browser.go('stock', language);
		const [total] = network.rows('kpi', '--scope', 'total', '--day', 'running');
		await shows('stock value', async () => money(await browser.figure('value')), total.stock_value_minor);
		await shows('stock units', async () => quantity(await browser.figure('units')), total.stock_units_milli);
		for (const row of network.rows('kpi', '--scope', 'outlet', '--day', 'running'))
			await shows(`stock value of ${row.key}`, async () => money(await browser.cell(row.key, 'value')), row.stock_value_minor);
		const open = network.rows('restocks').filter((row) => !['received', 'cancelled'].includes(row.state));
		assert.ok(open.length > 0, 'there are open restocks');
		for (const restock of open.slice(0, 10)) {
			await browser.go(`stock?outlet=${restock.outlet}`, language);
			await shows(`quantity of ${restock.id}`, async () => quantity(await browser.cell(restock.id, 'quantity')), restock.quantity_milli);
		}
		const outlet = open[0].outlet, shelves = network.rows('stock', '--outlet', outlet);
		const low = [...shelves].sort((a, b) => a.on_hand_milli - b.on_hand_milli).slice(0, 5);
		await browser.go(`stock?outlet=${outlet}&sort_sku=on_hand_milli`, language);
		for (const shelf of low)
			for (const column of ['on_hand_milli', 'in_transit_milli', 'on_order_milli', 'reserved_milli', 'backlog_milli', 'position_milli'])
				await shows(`${column} of ${shelf.sku}`, async () => quantity(await browser.cell(shelf.sku, column)), shelf[column]);
	});

	test(`logistics, ${language}`, async () => {
		await browser.go('logistics?only=all&sort=id', language);
		const shipments = network.rows('shipments');
		const [{ watermark_us }] = network.rows('kpi', '--scope', 'total', '--day', 'running');
		const open = shipments.filter((row) => !['delivered', 'received'].includes(row.state));
		const late = open.filter((row) => row.promised_us < watermark_us);
		assert.ok(late.length > 0 && late.length < shipments.length, `some are late: ${late.length} of ${shipments.length}`);
		await shows('late', async () => count(await browser.figure('late')), late.length);
		await shows('open', async () => count(await browser.figure('open')), open.length);
		for (const shipment of shipments.slice(0, 20)) {
			await shows(`cost of ${shipment.id}`, async () => money(await browser.cell(shipment.id, 'cost')), shipment.cost_minor);
			await shows(`lines of ${shipment.id}`, async () => count(await browser.cell(shipment.id, 'lines')), shipment.lines);
		}
		await browser.go('logistics?only=all', language);
		const first = await browser.page.locator('tbody tr').first().getAttribute('data-row');
		assert.ok(late.some((row) => row.id === first), `late ones come first: ${first}`);
	});

	test(`targets, ${language}`, async () => {
		await browser.go('targets', language);
		const targets = network.rows('targets');
		await shows('at risk', async () => count(await browser.figure('at_risk')), targets.filter((target) => target.at_risk).length);
		for (const target of targets) {
			await shows(`achieved of ${target.target}`, async () => money(await browser.cell(target.target, 'achieved')), target.achieved);
			await shows(`value of ${target.target}`, async () => money(await browser.cell(target.target, 'value')), target.value);
			await shows(`needed of ${target.target}`, async () => money(await browser.cell(target.target, 'needed')), target.needed_per_day);
			await shows(`attained of ${target.target}`, async () => percent(await browser.cell(target.target, 'attained')), tenth(target.attained_bp));
			await shows(`pace of ${target.target}`, async () => percent(await browser.cell(target.target, 'pace')), tenth(target.pace_bp));
		}
	});

	test(`an event with its causes and effects, ${language}`, async () => {
		const [restock] = network.rows('restocks');
		await browser.go(`events/${encodeURIComponent(restock.cause)}`, language);
		const [number] = restock.cause.split('#').slice(-1);
		const event = network.events('orders').find((one) => one.seq === Number(number));
		const shown = JSON.parse(await browser.page.locator('pre').innerText());
		assert.deepEqual(shown, event.data);
		const traced = network.must(['trace', restock.cause, '--json']).split('\n').filter(Boolean).map((line) => JSON.parse(line).id);
		await until('the whole tree is there', async () => {
			const ids = await browser.page.locator('.trace .mono').allInnerTexts();
			return traced.every((id) => ids.includes(id)) && ids.length === traced.length;
		});
	});

	test(`system, ${language}`, async () => {
		await browser.go('system', language);
		for (const row of network.rows('status')) {
			await shows(`head of ${row.service}`, async () => count(await browser.cell(row.service, 'head')), row.head);
			await shows(`quarantined of ${row.service}`, async () => count(await browser.cell(row.service, 'quarantined')), row.quarantined);
		}
		for (const row of network.rows('lag')) await shows(`lag of ${row.service} ${row.source}`, async () => count(await browser.cell(`${row.service} ${row.source}`, 'lag')), row.lag);
		const quarantined = network.rows('quarantine');
		assert.equal(quarantined.length, 2);
		await shows('in quarantine', async () => count(await browser.figure('quarantined')), 2);
		assert.equal(await browser.page.locator(`[data-reason="${quarantined[0].reason}"] tbody tr`).count(), 2);
	});
}

test('money is written as the language writes it', async () => {
	const [total] = network.rows('kpi', '--scope', 'total', '--day', 'running');
	for (const language of ['en', 'zh-CN']) {
		await browser.go('stock', language);
		const wanted = new Intl.NumberFormat(language, { style: 'currency', currency: 'CNY', currencyDisplay: 'narrowSymbol' }).format(total.stock_value_minor / 100);
		await shows('stock value', () => browser.figure('value'), wanted);
		assert.equal(await browser.page.getAttribute('html', 'lang'), language);
	}
});

test('what is tried again stays when it is no better, what is discarded goes, and only when asked twice', async () => {
	await browser.go('system');
	const [reason] = network.rows('quarantine').map((row) => row.reason);
	const group = browser.page.locator(`[data-reason="${reason}"]`);
	await group.getByRole('button', { name: 'Try all again' }).click();
	await until('a refusal is told', async () => (await group.getByRole('alert').innerText()).length > 0);
	assert.equal(network.rows('quarantine').length, 2);
	browser.wrong = browser.wrong.filter((line) => !/40[0-9]|422/.test(line)); // the refusal, which the console repeats
	await group.getByRole('button', { name: 'Discard …' }).click();
	assert.equal(network.rows('quarantine').length, 2);
	await group.getByRole('button', { name: 'Discard for good' }).click();
	await until('quarantine is empty', () => network.rows('quarantine').length === 0);
	await until('the page says so', async () => (await browser.page.locator('[data-reason]').count()) === 0);
});

test('the console had nothing to say', () => assert.deepEqual(browser.wrong, []));
