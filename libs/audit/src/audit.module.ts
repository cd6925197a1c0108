import { Module } from '@nestjs/common';
import { Chain } from './chain/chain.js';
import { Outcomes } from './outcomes.js';
import { AuditEvents } from './reading/audit-events.service.js';
import { GrantsLedger } from './reading/grants-ledger.service.js';
import { AuditStore } from './store/audit-store.js';
import { Trail } from './trail.js';
import { Unknowns } from './unknowns.js';
import { Keeper } from './upkeep/keeper.js';
import { Retention } from './upkeep/retention.js';
import { Sink } from './upkeep/sink.js';

const SERVICES = [Trail, Unknowns, AuditEvents, GrantsLedger, AuditStore];

/** The trail, for whoever writes and reads it. */
@Module({ providers: [Chain, Outcomes, ...SERVICES], exports: [Chain, ...SERVICES] })
export class AuditModule {}

/** What looks after it as long as a gateway runs. */
@Module({ imports: [AuditModule], providers: [Keeper, Retention, Sink] })
export class AuditUpkeepModule {}
