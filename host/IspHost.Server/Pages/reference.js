// Read before Scalar: its checks of data try out whether they may make code, and the page's policy refuses and reports that.
globalThis.__zod_globalConfig = { jitless: true };

// What Scalar 2.19 gets wrong for those who have pages read to them (WCAG 4.1.2): most of it where requests are tried.
const mends = [
  ['button[role=none]', button => button.removeAttribute('role')],
  ['[role=combobox]:not([aria-expanded])', field => field.setAttribute('aria-expanded', 'false')],
  ['.cm-content:not([aria-label])', text => text.setAttribute('aria-label', 'Body')],
  ['.cm-scroller[tabindex="-1"]', text => text.setAttribute('tabindex', '0')],
  ['button[aria-label="Copy code"][aria-controls]', button => button.removeAttribute('aria-controls')],
  ['.scalar-app-layout > section[aria-label^="Notifications alt"]', list => list.setAttribute('aria-label', 'Notifications about requests')],
];

// The example with fetch is TypeScript as it stands, and Scalar knows no language of that name.
const renamed = '[role=tab], [role=option], [role=menuitem]';
const rename = place => {
  const texts = document.createTreeWalker(place, NodeFilter.SHOW_TEXT);
  while (texts.nextNode()) {
    const text = texts.currentNode;
    if (text.data.includes('JavaScript'))
      text.data = text.data.replace('JavaScript', 'TypeScript');
  }
};

let isDue = false;
new MutationObserver(() => {
  if (isDue)
    return;
  isDue = true;
  requestAnimationFrame(() => {
    isDue = false;
    for (const [where, mend] of mends)
      document.querySelectorAll(where).forEach(mend);
    document.querySelectorAll(renamed).forEach(rename);
  });
}).observe(document.documentElement, { childList: true, subtree: true });
