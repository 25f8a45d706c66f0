// Goal: the pages can be read and used by everybody, and stay small. Method: axe-core in light and dark, at a desk and on a phone, both
// languages; the keyboard alone; no move to the side; the weight of what is served; and pictures for whoever wants to look.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { after, before, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { Browser, DESKTOP, PAGES, PHONE } from './browser.mjs';
import { Gateway } from './gateway.mjs';
import { until } from './network.mjs';

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const BYTES_MAX = 60000;
const SERIOUS = ['serious', 'critical'];

let gateway, browser;

before(async () => {
	gateway = await Gateway.start();
	browser = await Browser.open(gateway.url, gateway.token);
});
after(async () => {
	await browser?.close();
	await gateway?.stop();
});

/** axe-core works from outside the page's policy: the debugger puts it in, not a script element. */
async function findings() {
	await browser.page.evaluate(AXE);
	const { violations } = await browser.page.evaluate(() => window.axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21aa', 'wcag22aa', 'best-practice'] }));
	return violations.filter((one) => SERIOUS.includes(one.impact)).map((one) => `${one.id}: ${one.nodes.slice(0, 3).map((node) => node.html + ' ' + node.failureSummary).join(' | ')}`);
}

const PLACES = [...PAGES, 'stock?outlet=OUT-004', `events/${encodeURIComponent('orders#1')}`];
const name = (place) => place.replace(/[^a-z]+/gi, '-').replace(/-$/, '').toLowerCase();

test('axe-core sees that a wrong page is wrong', async () => {
	await browser.go('network');
	await browser.page.evaluate(() => {
		const pale = document.createElement('p');
		pale.textContent = 'pale';
		pale.style.color = '#ddd';
		pale.style.background = '#fff';
		document.querySelector('main').append(pale);
	});
	assert.match((await findings()).join(), /color-contrast/);
	await browser.page.reload();
});

for (const [theme, viewport, language] of [['light', DESKTOP, 'en'], ['dark', DESKTOP, 'zh-CN'], ['light', PHONE, 'zh-CN'], ['dark', PHONE, 'en']]) {
	const kind = viewport === PHONE ? 'phone' : 'desktop';
	for (const place of PLACES)
		test(`${place}: ${theme}, ${kind}, ${language}`, async () => {
			await browser.page.setViewportSize(viewport);
			await browser.go(place, language, theme);
			if (place === 'events') await browser.page.locator('.tail a.event').first().waitFor();
			assert.deepEqual(await findings(), []);
			const over = await browser.page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
			assert.ok(over <= 0, `the page is ${over} pixels wider than the window`);
			await browser.shot(`${name(place)}-${kind}-${theme}-${language}`);
		});
}

test('every page says how fresh and how whole its figures are', async () => {
	await browser.page.setViewportSize(DESKTOP);
	for (const page of PAGES) {
		await browser.go(page);
		await until(`${page} says so`, async () => /As of .*% complete \(\d+ of \d+ tills\)/.test((await browser.page.locator('.fresh').first().innerText()).replaceAll('\n', ' ')));
	}
});

test('nothing jumps when figures come', async () => {
	await browser.page.goto('about:blank');
	await browser.go('network');
	const shift = await browser.page.evaluate(() => new Promise((done) => {
		let sum = 0;
		new PerformanceObserver((list) => list.getEntries().forEach((entry) => (sum += entry.hadRecentInput ? 0 : entry.value))).observe({ type: 'layout-shift', buffered: true });
		setTimeout(() => done(sum), 1500);
	}));
	console.log(`layout shift ${shift.toFixed(3)} (0.1 is called good)`);
	assert.ok(shift < 0.1, `${shift}`);
});

test('the keyboard alone goes everywhere', async () => {
	await browser.go('network');
	await browser.page.keyboard.press('Tab');
	assert.equal(await browser.page.evaluate(() => document.activeElement.className), 'skip');
	for (let i = 0; i < 2; i++) await browser.page.keyboard.press('Tab');
	for (const page of PAGES) {
		await until(`${page} has the focus`, async () => (await browser.page.evaluate(() => document.activeElement.getAttribute('href')))?.startsWith(`#/${page}`));
		await browser.page.keyboard.press('Tab');
	}
	await browser.go('network');
	const map = browser.page.locator('.map canvas');
	await map.focus();
	await browser.page.keyboard.press('ArrowRight');
	const first = await until('a place is chosen', () => browser.page.evaluate(() => new URLSearchParams(location.hash.split('?')[1]).get('outlet')));
	await browser.page.keyboard.press('ArrowLeft');
	await browser.page.keyboard.press('ArrowDown');
	await until('another is chosen', async () => (await browser.page.evaluate(() => new URLSearchParams(location.hash.split('?')[1]).get('outlet'))) !== first);
	const head = browser.page.locator('th button', { hasText: 'Tickets' });
	await head.focus();
	await browser.page.keyboard.press('Enter');
	await until('it is sorted', async () => (await browser.page.locator('th[aria-sort]').innerText()).includes('Tickets'));
});

test('the address brings back what was seen', async () => {
	await browser.go('network?by=pace&tier=2&sort=outlet');
	await browser.page.getByRole('button', { name: 'Silence' }).click();
	const address = await browser.page.evaluate(() => location.href);
	const rows = await browser.page.locator('tbody tr').count();
	await browser.page.goto('about:blank');
	await browser.page.goto(address);
	await browser.page.locator('tbody tr').first().waitFor();
	assert.equal(await browser.page.locator('tbody tr').count(), rows);
	assert.equal(await browser.page.getByRole('button', { name: 'Silence' }).getAttribute('aria-pressed'), 'true');
	assert.equal(await browser.page.getByRole('button', { name: 'Secondary 二网' }).getAttribute('aria-pressed'), 'true');
});

test('the business terms are there in Chinese', async () => {
	await browser.go('network', 'zh-CN');
	const text = await browser.page.locator('body').innerText();
	for (const term of ['网络', '一网', '二网', '销售额', '完整度']) assert.ok(text.includes(term), term);
});

test('all that is served weighs at most 60 kB, gzipped, and nothing of it is inline', async () => {
	const page = await (await fetch(gateway.url)).text();
	const files = [...page.matchAll(/(?:src|href)="\.?\/([^"]+)"/g)].map((match) => match[1]);
	assert.ok(files.length >= 3, page);
	let bytes = gzipSync(page, { level: 9 }).length;
	for (const file of files) bytes += gzipSync(Buffer.from(await (await fetch(`${gateway.url}/${file}`)).arrayBuffer()), { level: 9 }).length;
	console.log(`${bytes} bytes gzipped, of ${BYTES_MAX}`);
	assert.ok(bytes <= BYTES_MAX, `${bytes}`);
	assert.doesNotMatch(page, /<style|style=|<script(?![^>]*src=)/);
	const policy = (await fetch(gateway.url)).headers.get('content-security-policy');
	assert.match(policy, /default-src 'none'/);
	assert.doesNotMatch(policy, /unsafe-inline|unsafe-eval/);
});

test('the console had nothing to say', () => assert.deepEqual(browser.wrong, []));
