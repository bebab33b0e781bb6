// The one list of pages that browsers look at. A page of the table of routes or of the navigation that is missing here
// fails `pages.test.mjs`; a page that browsers can't look at is named in LEFT_OUT with the reason.

/** The four people of the demonstration. */
export const ROLES = ['global_administrator', 'user_administrator', 'admin_agent', 'billing_administrator'];

/**
 * A page: the route it is an example of, the address (from ids found in the running demonstration: `needs` names them, and
 * those that a list waits for so that it has rows), and who looks at it. `role: null` is somebody who has not signed in.
 */
export const PAGES = [
  { name: 'sign-in', route: '/sign-in', address: () => '/sign-in', role: null },
  { name: 'welcome', needs: ['link'], route: '/welcome/{link}', address: (ids) => `/welcome/${ids.link}`, role: null },
  { name: 'today', route: '/', address: () => '/', role: 'admin_agent' },
  { name: 'cases', route: '/cases', address: () => '/cases', role: 'admin_agent' },
  { name: 'case', needs: ['case'], route: '/cases/{id}', address: (ids) => `/cases/${ids.case}`, role: 'admin_agent' },
  { name: 'signals', route: '/signals', needs: ['case'], address: () => '/signals', role: 'admin_agent' },
  { name: 'notices', route: '/notices', needs: ['alert'], address: () => '/notices', role: 'admin_agent' },
  { name: 'notice', needs: ['alert'], route: '/notices/{id}', address: (ids) => `/notices/${encodeURIComponent(ids.alert)}`, role: 'admin_agent' },
  { name: 'customers', route: '/customers', address: () => '/customers', role: 'admin_agent' },
  { name: 'customer', needs: ['customer'], route: '/customers/{id}', address: (ids) => `/customers/${ids.customer}`, role: 'admin_agent' },
  { name: 'subscriptions', needs: ['customer'], route: '/customers/{id}/subscriptions', address: (ids) => `/customers/${ids.customer}/subscriptions`, role: 'admin_agent' },
  { name: 'actions', route: '/actions', address: () => '/actions', role: 'global_administrator' },
  { name: 'action', needs: ['action'], route: '/actions/{id}', address: (ids) => `/actions/${ids.action}`, role: 'global_administrator' },
  { name: 'search', route: '/search', address: () => '/search?q=nothing-has-this-id', role: 'admin_agent' },
  { name: 'snoozes', route: '/snoozes', address: () => '/snoozes', role: 'admin_agent' },
  { name: 'views', route: '/views', address: () => '/views', role: 'admin_agent' },
  { name: 'activity', route: '/activity', needs: ['record'], address: () => '/activity', role: 'admin_agent' },
  { name: 'activity-record', route: '/activity/{id}', needs: ['record'], address: (ids) => ids.record, role: 'admin_agent' },
  { name: 'policies', route: '/policies', address: () => '/policies', role: 'global_administrator' },
  { name: 'policy', route: '/policies/{hash}', needs: ['policy'], address: (ids) => `/policies/${ids.policy}`, role: 'global_administrator' },
  { name: 'policy-draft', route: '/policies/{hash}/edit', needs: ['policy'], address: (ids) => `/policies/${ids.policy}/edit`, role: 'global_administrator' },
  { name: 'audit', route: '/audit', address: () => '/audit', role: 'global_administrator' },
  { name: 'incidents', route: '/incidents', address: () => '/incidents', role: 'global_administrator' },
  { name: 'connections', route: '/connections', address: () => '/connections', role: 'global_administrator' },
  { name: 'users', route: '/users', address: () => '/users', role: 'user_administrator' },
  { name: 'profile', route: '/profile', address: () => '/profile', role: 'admin_agent' },
  { name: 'prove', route: '/prove', address: () => '/prove?next=%2F', role: 'global_administrator' },
  { name: 'problem', route: null, address: () => '/cases/00000000-0000-8000-8000-000000000000', role: 'admin_agent', status: 404 },
];

/** Routes that answer browsers and are no page to look at, each with the reason. */
export const LEFT_OUT = new Map([
  ['/live', 'a stream'],
  ['/cases/next', 'leads to the next case'],
  ['/views/{id}', 'leads to the list that the view is'],
  ['/sign-in/entra', 'leads to Entra ID'],
  ['/sign-in/entra/return', 'comes from Entra ID'],
  ['/prove/entra', 'leads to Entra ID'],
]);
