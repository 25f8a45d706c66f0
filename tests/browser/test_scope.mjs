// Goal: who sees what is decided by the key. Method: a dealer's token beside staff's, a reader's that may not act, and none at all.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Browser, money } from './browser.mjs';
import { Gateway } from './gateway.mjs';
import { until } from './network.mjs';

const OWN = ['OUT-009', 'OUT-010'];

let gateway, network, browser;

before(async () => {
	gateway = await Gateway.start();
	network = gateway.network;
	browser = await Browser.open(gateway.url, gateway.enrol('dealer', 'dealer-dan', '--outlet', OWN.join(), '--tenant', 'dan'));
});
after(async () => {
	await browser?.close();
	await gateway?.stop();
});

/** Codes of all outlets that stand anywhere on the page. */
const outlets = async () => [...new Set((await browser.page.locator('body').innerText()).match(/OUT-\d{3}/g) ?? [])].sort();

for (const place of ['network', 'sales?by=outlet', 'stock', 'logistics?only=all', 'targets', 'events'])
	test(`a dealer sees its own outlets: ${place}`, async () => {
		await browser.go(place);
		await until('its outlets are there', async () => (await outlets()).length > 0);
		// What comes later than the first must be its own as well.
		for (let i = 0; i < 10; i++) assert.deepEqual((await outlets()).filter((code) => !OWN.includes(code)), []);
	});

test('the whole of what a dealer sees is the sum of its outlets', async () => {
	await browser.go('network');
	const today = network.rows('kpi', '--scope', 'total').reduce((day, row) => (row.day > day ? row.day : day), '');
	const own = network.rows('kpi', '--scope', 'outlet', '--day', today).filter((row) => OWN.includes(row.key));
	assert.equal(own.length, OWN.length);
	for (const row of own) await until(`revenue of ${row.key}`, async () => money(await browser.cell(row.key, 'revenue')) === row.revenue_minor);
	const sum = own.reduce((all, row) => all + row.revenue_minor, 0);
	await until(`revenue is ${sum}`, async () => money(await browser.figure('revenue')) === sum);
});

test('an event of another is not there, and its address tells nothing', async () => {
	const foreign = network.events('orders').find((event) => event.type === 'sale.recorded' && !OWN.includes(event.subject));
	await browser.go(`events/${encodeURIComponent(foreign.id)}`);
	await browser.page.getByText('No such event').first().waitFor();
	assert.deepEqual((await outlets()).filter((code) => !OWN.includes(code)), []);
});

test('what is for the principal says so', async () => {
	await browser.go('system');
	await browser.page.getByText('Your key does not allow this.').first().waitFor();
});

test('what a dealer sells is live for the dealer', async () => {
	await browser.go('network');
	const before = money(await browser.figure('revenue'));
	network.sell('OUT-001/T1', 999);
	network.sell('OUT-009/T1', 555);
	await until('its own is added, and nothing else', async () => money(await browser.figure('revenue')) === before + 555);
});

test('a token that is revoked, or nobody\'s, is not let in', async () => {
	await browser.page.getByRole('button', { name: 'Sign out' }).first().click();
	await browser.page.waitForSelector('#token');
	const token = gateway.enrol('dashboard', 'gone');
	network.must(['keys', 'revoke', 'gone']);
	for (const wrong of [token, 'tk_nobodys']) {
		await browser.page.fill('#token', wrong);
		await browser.page.press('#token', 'Enter');
		await browser.page.getByText('This token is not known, or no longer.').waitFor();
	}
	await browser.signIn(gateway.enrol('dashboard', 'wall'));
	await until('all outlets are there', async () => (await outlets()).length === 20);
});

test('a reader may look at quarantine and may not act', async () => {
	await browser.go('system');
	const [{ reason }] = network.rows('quarantine');
	const group = browser.page.locator(`[data-reason="${reason}"]`);
	await group.getByRole('button', { name: 'Discard …' }).click();
	await group.getByRole('button', { name: 'Discard for good' }).click();
	await until('a refusal is told', async () => (await group.getByRole('alert').innerText()).includes('does not allow'));
	assert.equal(network.rows('quarantine').length, 2);
});
