// browser.mjs -- Debian's Chromium with a profile of its own, and how to read figures off the page.

import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium } from 'playwright-core';
import { top, until } from './network.mjs';

const FLAGS = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'];
const PATIENCE_MS = 60000;

export const DESKTOP = { width: 1440, height: 900 }, PHONE = { width: 390, height: 844 };
export const PAGES = ['network', 'sales', 'stock', 'logistics', 'targets', 'events', 'system'];
export const shots = process.env.SCREENSHOTS ?? join(top, 'build/screenshots');

export class Browser {
	/** Signed in with the token, at the network's page. What the console says that is no good is kept in `wrong`. */
	static async open(url, token, options = {}) {
		const browser = new Browser();
		browser.url = url;
		browser.wrong = [];
		browser.profile = mkdtempSync(join(tmpdir(), 'tributary-chromium-'));
		browser.context = await chromium.launchPersistentContext(browser.profile, {
			executablePath: '/usr/bin/chromium', headless: true, args: FLAGS, viewport: DESKTOP, timezoneId: 'Asia/Shanghai', locale: 'en-US', ...options,
		});
		browser.page = browser.context.pages()[0] ?? (await browser.context.newPage());
		browser.page.setDefaultTimeout(PATIENCE_MS);
		browser.page.on('console', (message) => ['error', 'warning'].includes(message.type()) && browser.wrong.push(`${message.text()} ${message.location().url}`));
		browser.page.on('pageerror', (error) => browser.wrong.push(String(error.stack)));
		await browser.page.goto(url);
		if (token) await browser.signIn(token);
		return browser;
	}

	async signIn(token) {
		// A token that was made just now is known within a second.
		await until('the token is known', async () => {
			if (await this.page.locator('#token').count()) {
				await this.page.fill('#token', token, { timeout: 1000 });
				await this.page.press('#token', 'Enter', { timeout: 1000 });
			}
			await this.page.waitForSelector('nav.nav', { timeout: 1000 });
			return true;
		});
		// That a stranger is told 401 is how the page learns to ask for a token.
		this.wrong = this.wrong.filter((line) => !line.includes('401'));
	}

	/** A page of the dashboard by its address behind '#/', with figures on it. */
	async go(place, language = 'en', theme = 'light') {
		await this.page.goto(`${this.url}/#/${place}${place.includes('?') ? '&' : '?'}lang=${language}&theme=${theme}`);
		await this.page.waitForSelector('main.content > *');
		await until(`${place} has stopped waiting`, async () => (await this.page.locator('.wait').count()) === 0);
	}

	/** The value of a figure by its name. */
	figure(id) {
		return this.page.locator(`[data-figure="${id}"] dd.value`).innerText();
	}

	/** A cell of the table: the row's key and the column. */
	cell(row, column) {
		return this.page.locator(`[data-row="${row}"] [data-column="${column}"]`).first().innerText();
	}

	async shot(name) {
		mkdirSync(shots, { recursive: true });
		await this.page.screenshot({ path: join(shots, `${name}.png`), fullPage: true });
	}

	async close() {
		await this.context.close();
		rmSync(this.profile, { recursive: true, force: true, maxRetries: 5 });
	}
}

/** The number in a text, with its decimal point moved: ('¥1,234.50', 2) is 123450. Digits are read, nothing is computed. */
export function moved(text, places) {
	const [, sign, whole, part = ''] = text.replaceAll(',', '').match(/([-−]?)[^\d-]*(\d+)(?:\.(\d+))?/) ?? [];
	if (whole === undefined) return NaN;
	return Number((sign ? '-' : '') + whole + part.padEnd(places, '0').slice(0, places));
}

export const money = (text) => moved(text, 2);
export const quantity = (text) => moved(text, 3);
export const count = (text) => moved(text, 0);
